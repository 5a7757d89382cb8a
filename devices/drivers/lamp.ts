/**
 * A lamp that tells people what the node thinks, never by its colour alone: each sign has a rhythm of its own, and a lamp of one colour
 * says as much as one of three.
 *
 *   on  steady, green: go ahead      slow  yellow: attention, it will end      fast  red: refused, fault
 *   double  two short ones, blue: one more step, or out of the ordinary        off  dark
 */
import type { OutputOutcome, OutputPort } from "./board-ports.ts";
import { createPatternPlayer } from "./pattern.ts";

export type LampSign = "off" | "on" | "slow" | "fast" | "double";

export interface Lamp {
  show(sign: LampSign): void;
}
export type ColourOutputs = Readonly<Record<"red" | "green" | "blue", OutputPort>>;

const blinks = { slow: [500, 500], fast: [125, 125], double: [120, 160, 120, 800] } as const;
const colours = { off: [], on: ["green"], slow: ["red", "green"], fast: ["red"], double: ["blue"] } as const satisfies Record<
  LampSign,
  readonly (keyof ColourOutputs)[]
>;

export function createLamp(output: OutputPort): Lamp {
  return createSigns(() => output);
}

/** Yellow is red and green together. */
export function createColourLamp(outputs: ColourOutputs): Lamp {
  const write = async (isOn: boolean, sign: LampSign): Promise<OutputOutcome> => {
    const lit: readonly string[] = isOn ? colours[sign] : [];
    const outcomes = await Promise.all(Object.entries(outputs).map(([colour, output]) => output.write(lit.includes(colour))));
    return outcomes.find(({ kind }) => kind === "failed") ?? { kind: "applied" };
  };
  return createSigns((sign) => ({ write: (isOn) => write(isOn, sign()), pulse: () => write(true, sign()) }));
}

/** A lamp by the names its outputs have on the board: "lamp", or one for each colour. */
export function openLamp(isOneColour: boolean, output: (name: string) => OutputPort): Lamp {
  if (isOneColour) return createLamp(output("lamp"));
  return createColourLamp({ red: output("lampRed"), green: output("lampGreen"), blue: output("lampBlue") });
}

function createSigns(outputOf: (sign: () => LampSign) => OutputPort): Lamp {
  let shown: LampSign | undefined;
  const player = createPatternPlayer(outputOf(() => shown ?? "off"));
  return {
    show(sign) {
      const isNew = shown !== sign;
      shown = sign;
      // A blink that is shown already keeps its rhythm; steady signs are written again, as the board may have restarted.
      if (sign === "off" || sign === "on") player.stop(sign === "on");
      else if (isNew) player.play(blinks[sign], true);
    },
  };
}
