/** Readers and meters as `node.yaml` names them: one strict shape per kind. */
import * as z from "zod";

export const devicePath = z.string().regex(/^\/[^\s]{1,300}$/, "the path of a serial device such as /dev/serial/by-id/usb-…");
export const boardPin = z.int().min(2).max(69);

/** One shape per kind of reader, each with `more`. */
function readerKinds<More extends z.ZodRawShape>(more: More) {
  return z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("rdm6300"),
      port: devicePath,
      /** identical frames that make a card: 3 unless said, each takes 65 ms; fewer let noise through as cards that nobody has */
      confirmFrames: z.int().min(1).max(5).exactOptional(),
      ...more,
    }),
    z.strictObject({ kind: z.literal("pn532"), port: devicePath, ...more }),
    /** D0 and D1 on pins of the board, which needs our firmware */
    z.strictObject({ kind: z.literal("wiegand"), pin0: boardPin, pin1: boardPin, ...more }),
  ]);
}

export const doorReader = readerKinds({});
/** `insert`: a card that stays in a holder while the machine is used */
export const machineReader = readerKinds({ insert: z.boolean().default(false) });

export const machineMeter = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pzem"), port: devicePath, address: z.int().min(1).max(0xf8).default(0xf8) }),
  z.strictObject({
    kind: z.enum(["sdm120", "sdm230", "sdm630"]),
    port: devicePath,
    address: z.int().min(1).max(247).default(1),
    /** as set on the meter; an SDM120 leaves the factory with 2400 */
    baudRate: z.literal([2400, 4800, 9600, 19_200, 38_400]).default(9600),
  }),
]);
