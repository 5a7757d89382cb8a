/** Readers and meters as `node.yaml` names them: one strict shape per kind. */
import * as z from "zod";

export const devicePath = z.string().regex(/^\/[^\s]{1,300}$/, "the path of a serial device such as /dev/serial/by-id/usb-…");
export const boardPin = z.int().min(2).max(69);

export const boardOutput = z.strictObject({ pin: boardPin, activeLow: z.boolean().default(false) });
/** One lamp, or one of three colours on three pins; with a common anode each colour is on when its pin is low. */
export const boardLamp = z.union([
  boardOutput,
  z.strictObject({ red: boardPin, green: boardPin, blue: boardPin, common: z.enum(["cathode", "anode"]).default("cathode") }),
]);
/** A character display (HD44780) with an I2C backpack (PCF8574: 0x20 to 0x27; PCF8574A: 0x38 to 0x3f) on A4 and A5. */
export const boardDisplay = z
  .strictObject({
    kind: z.literal("lcd"),
    address: z.int().min(0x20).max(0x3f).default(0x27),
    columns: z.literal([16, 20]).default(20),
    rows: z.literal([2, 4]).default(2),
  })
  .transform((display) => ({ ...display, sda: 18, scl: 19 }));

/** Only a reader that repeats a card while it is there can tell that it was taken out. */
const noInsert = z.literal(false, "this reader cannot tell when a card is taken out; remove it, or use rdm6300 or pn532").default(false);

/** One shape per kind of reader: `repeats` for those that tell a card as long as it is there, `tells` for those that tell it once. */
function readerKinds<Repeats extends z.ZodRawShape, Tells extends z.ZodRawShape>(repeats: Repeats, tells: Tells) {
  return z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("rdm6300"),
      port: devicePath,
      /** identical frames that make a card: 3 unless said, each takes 65 ms; fewer let noise through as cards that nobody has */
      confirmFrames: z.int().min(1).max(5).exactOptional(),
      ...repeats,
    }),
    z.strictObject({ kind: z.literal("pn532"), port: devicePath, ...repeats }),
    /** D0 and D1 on pins of the board, which needs our firmware */
    z.strictObject({ kind: z.literal("wiegand"), pin0: boardPin, pin1: boardPin, ...tells }),
    /** a USB reader that types: its keyboard is taken for the node alone */
    z.strictObject({
      kind: z.literal("wedge"),
      port: z.string().regex(/^\/dev\/input\/[^\s]{1,300}$/, "the path of a keyboard such as /dev/input/by-id/usb-…-event-kbd"),
      /** what it types for a card; two readers that are set differently know different numbers of one card */
      format: z.enum(["10H12D", "8H10D", "6H8D", "4H4H", "2H4H", "10H", "uid-msb", "uid-lsb"]),
      ...tells,
    }),
    /** on RS-485, in a secure channel always */
    z.strictObject({
      kind: z.literal("osdp"),
      port: devicePath,
      baudRate: z.literal([9600, 19_200, 38_400, 57_600, 115_200, 230_400]).default(9600),
      address: z.int().min(0).max(126).default(0),
      pollMs: z.int().min(50).max(200).default(100),
      /** made by `koprade reader key`; the key itself is in no configuration */
      keyFile: z.string().min(1).max(400),
      ...tells,
    }),
  ]);
}

export const doorReader = readerKinds({}, {});
/** `insert`: a card that stays in a holder while the machine is used */
export const machineReader = readerKinds({ insert: z.boolean().default(false) }, { insert: noInsert });

/** A0 to A5, as printed on the board or as its pins 14 to 19. */
const analogPin = z.union([
  z.int().min(14).max(19),
  z
    .string()
    .regex(/^A[0-5]$/, "an analog pin: A0 to A5, or 14 to 19")
    .transform((name) => 14 + Number(name.slice(1))),
]);

export const machineMeter = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pzem"), port: devicePath, address: z.int().min(1).max(0xf8).default(0xf8) }),
  z.strictObject({
    kind: z.enum(["sdm120", "sdm230", "sdm630"]),
    port: devicePath,
    address: z.int().min(1).max(247).default(1),
    /** as set on the meter; an SDM120 leaves the factory with 2400 */
    baudRate: z.literal([2400, 4800, 9600, 19_200, 38_400]).default(9600),
  }),
  /** Current clamps on the board, which needs our firmware. Amperes are measured; watts are estimated from these settings. */
  z.strictObject({
    kind: z.literal("clamp"),
    /** one clamp around each live conductor, never around a whole cable */
    pin: analogPin,
    pin2: analogPin.exactOptional(),
    pin3: analogPin.exactOptional(),
    /** primary amperes for a volt at the pin: 30 for an SCT-013-030, turns divided by ohms for a clamp with a burden resistor */
    ampsPerVolt: z.number().min(0.1).max(5000),
    /** from each conductor to neutral */
    supplyV: z.number().min(50).max(500).default(230),
    powerFactor: z.number().min(0.05).max(1).default(1),
    /** what reads less carries no load; half a step of the board's converter (2.5 mV) does not either */
    noiseA: z.number().min(0).max(20).default(0.06),
    /** how far the estimate may be off, told with every figure; a power factor of 1 by default alone is 25 */
    uncertainPct: z.number().min(3).max(100).default(25),
  }),
]);
