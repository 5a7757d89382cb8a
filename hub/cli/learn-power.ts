/** `koprade machine learn-power`: records a machine off, idle and at work, and proposes when it counts as working. */
import { type Learned, type LearnRefusal, learnPower, type PowerPhase } from "#core";
import { type Context, command, failed } from "./command.ts";
import { withLedger } from "./data.ts";
import { type Person, personAt } from "./person.ts";
import { columns } from "./text.ts";
import { wholeNumber } from "./values.ts";
import { ask, lookAt, untilSeen } from "./wiring-test.ts";

const answerMs = 600_000;
/** meters tell in batches of ten seconds */
const batchMs = 15_000;
const stepMs = 1000;

const sentences: Readonly<Record<LearnRefusal, string>> = {
  too_few: "Too few samples came in. Is the meter polled once a second? Record for longer.",
  meter_lost: "The meter was silent for more than a fifth of the time. Mend its wires first, then learn again.",
  noise: "The meter says much although the machine is off. A clamp must be closed around one conductor of this machine alone.",
  drift: "Its idle power drifts. Let it warm up, wait until fans and compressors are steady, and learn again.",
  no_rise: "It drew no more at work than idle. Is the meter on this machine's circuit, and did it really work?",
  overlap:
    "Idle and work lie too near each other to be told apart by power. Meter the working part alone, or use the machine's own controller.",
};

export const learn = command({
  summary: "learn from the meter when a machine is idle and when it works, standing at it",
  args: {
    machine: { type: "positional", required: true, description: "short name of the machine" },
    "idle-seconds": { type: "string", default: "20", valueHint: "seconds", description: "how long off and idle are recorded" },
    "busy-seconds": { type: "string", default: "60", valueHint: "seconds", description: "how long work is recorded" },
    yes: { type: "boolean", description: "set what is proposed without asking" },
  },
  examples: ["koprade machine learn-power laser-1", "koprade machine learn-power printer-1 --busy-seconds 240"],
  async run(given, context) {
    const idleMs = 1000 * wholeNumber("--idle-seconds", given["idle-seconds"], 12, 120);
    const busyMs = 1000 * wholeNumber("--busy-seconds", given["busy-seconds"], 12, 240);
    return withLedger(context, async (ledger) => {
      const first = await lookAt(context, given.machine);
      if (first.kind !== "machine" || first.senses?.includes("meter") !== true)
        throw failed(`${given.machine} has no meter, or its node is not there; see \`koprade node list\`.`);
      const person = personAt(context.world);
      try {
        const learned = await record({ context, machine: given.machine, person, idleMs, busyMs });
        const { lines, json } = told(given.machine, learned);
        if (!learned.ok) return { lines, json, exit: 1 };
        for (const line of lines) person.tell(line);
        const isTaken = given.yes === true || (await person.ask("Set these?", answerMs)) === true;
        const { onW, offW, minOnMs, minOffMs, busyHoldMs } = learned;
        if (isTaken)
          await ledger.change.setMachine(
            { machine: given.machine, change: { settings: { onW, offW, minOnMs, minOffMs, busyHoldMs } } },
            context.actor,
          );
        return {
          lines: [...lines, isTaken ? "Set. The node knows within two seconds." : "Nothing was changed."],
          json: { ...json, set: isTaken },
        };
      } finally {
        person.close();
      }
    });
  },
});

type Recording = {
  readonly context: Context;
  readonly machine: string;
  readonly person: Person;
  readonly idleMs: number;
  readonly busyMs: number;
};

async function record(given: Recording): Promise<Learned> {
  const { context, machine, person, idleMs, busyMs } = given;
  const look = () => lookAt(context, machine);
  const order = (): Promise<unknown> => ask(context, { op: "tryPermit", machine, long: true, actor: context.actor });
  const isOn = async (): Promise<boolean> => (await look()).permitted === true;
  await needGo(person, "Switch the machine off at its own switch.");
  const off = await phase(given, "off", idleMs);
  if (!(await isOn())) {
    if ((await person.ask("The machine will be permitted for some minutes. Is everybody clear of it?", answerMs)) !== true)
      throw failed("Nobody said that it is safe. Nothing was changed.");
    await order();
    if (!(await untilSeen(context, look, ({ permitted }) => permitted === true, batchMs)))
      throw failed(`The node did not permit ${machine}. Is it locked, or in use? See \`koprade machine list\`.`);
  }
  try {
    await needGo(person, "Switch it on, and let it do nothing.");
    const idle = await phase(given, "idle", idleMs);
    await needGo(person, "Let it work as it usually does.");
    const busy = await phase(given, "at work", busyMs);
    return learnPower({ off, idle, busy }, stepMs);
  } finally {
    await ask(context, { op: "endPermit", machine, now: false, actor: context.actor });
  }
}

async function needGo(person: Person, text: string): Promise<void> {
  if (!(await person.confirm(text, answerMs))) throw failed("Nobody answered. Nothing was changed.");
}

/** What the meter said from now on for so long. */
async function phase({ context, machine, person }: Recording, name: string, forMs: number): Promise<PowerPhase> {
  const { clock } = context.world;
  const fromMs = clock.nowMs();
  person.tell(`Recording it ${name} for ${Math.round(forMs / 1000)} s …`);
  const look = () => lookAt(context, machine);
  const isCovered = async (): Promise<boolean> =>
    untilSeen(context, look, ({ samples }) => (samples.at(-1)?.atMs ?? 0) >= fromMs + forMs, forMs + batchMs);
  await isCovered();
  return (await look()).samples.filter(({ atMs }) => atMs >= fromMs && atMs <= fromMs + forMs).map(({ powerW }) => powerW);
}

function told(machine: string, learned: Learned): { lines: string[]; json: object } {
  const table =
    learned.figures === null
      ? []
      : columns(
          ["PHASE", "MIDDLE", "LOW 5 %", "HIGH 5 %"],
          Object.entries(learned.figures).map(([name, { medianW, p5W, p95W }]) => [name, `${medianW} W`, `${p5W} W`, `${p95W} W`]),
        );
  if (!learned.ok) {
    const where = learned.phase === null ? "" : ` (${learned.phase})`;
    return { lines: [...table, `${machine}: no thresholds${where}. ${sentences[learned.reason]}`], json: { machine, ...learned } };
  }
  const { onW, offW, minOnMs, minOffMs, separation } = learned;
  return {
    lines: [
      ...table,
      `${machine} works from ${onW} W on, for ${minOnMs / 1000} s at least; it is idle below ${offW} W, after ${minOffMs / 1000} s.`,
      `Work lies ${Math.round(separation * 100)} % above idleness (25 % are needed).`,
    ],
    json: { machine, ...learned },
  };
}
