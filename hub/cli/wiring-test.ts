/** `koprade wiring test`: the guided test at a door or machine, its lines as they come, and the record of it. */
import { checksOf, type WiringLine } from "#core";
import type { Ledger } from "../ledger/types.ts";
import { type Context, command, failed } from "./command.ts";
import { askControl, type ControlAnswer, type ControlOp, type ControlRequest, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { personAt } from "./person.ts";
import { wholeNumber } from "./values.ts";
import { type Look, runSteps, type Trial } from "./wiring-steps.ts";
import { wiringWords } from "./wiring-words.ts";

const pollMs = 500;
const eventsAtOnce = 1000;

export const test = command({
  summary: "test the wiring of a door or machine step by step, standing at it; a machine needs this before anybody may use it",
  args: {
    place: { type: "positional", required: true, description: "short name of the door or machine" },
    wait: { type: "string", default: "60", valueHint: "seconds", description: "how long each step waits for you" },
    note: { type: "string", default: "wiring test", valueHint: "text", description: "why it is tested, for the record" },
  },
  examples: ["koprade wiring test laser-1", "koprade wiring test front-door --wait 120 --note 'new strike'"],
  async run(given, context) {
    const limitMs = wholeNumber("--wait", given.wait, 1, 600) * 1000;
    return withLedger(context, async (ledger) => {
      const look = () => lookAt(context, given.place);
      const first = await look();
      needReady(given.place, first);
      const person = personAt(context.world);
      let lines: WiringLine[];
      try {
        lines = await runSteps(trialOf({ context, ledger, place: given.place, person, limitMs, look, first }), first);
      } finally {
        person.close();
      }
      const { senses, firmware, hardware, configVersion } = first;
      const input = { resource: given.place, lines, senses: senses ?? [], firmware, hardware, configVersion, reason: given.note };
      const { commissioning, outcome } = await ledger.change.commission(input, context.actor);
      const wrong = lines.filter(({ ok }) => ok !== true).length;
      const verdict = {
        passed: `${given.place} is as it should be. Record ${commissioning}.`,
        failed: `${given.place} failed. Record ${commissioning}. Mend what is marked, then test again.`,
        incomplete: `${given.place}: ${wrong} of ${checksOf(first.kind, senses ?? []).length} lines could not be told. Record ${commissioning}, which counts for nothing.`,
      }[outcome];
      return {
        lines: [...lines.map((line) => wiringWords.line(line)), verdict],
        json: { resource: given.place, commissioning, outcome, lines },
        exit: outcome === "passed" ? 0 : 1,
      };
    });
  },
});

export async function lookAt(context: Context, place: string): Promise<Look> {
  const look = await ask(context, { op: "look", resource: place });
  if (look === null) throw failed(`There is no door or machine "${place}"; see \`koprade wiring list\`.`);
  return look;
}

function needReady(place: string, look: Look): void {
  if (!look.online || look.senses === null)
    throw failed(`The node of ${place} (${look.node}) is not there. Start it, and see \`koprade node list\`.`);
  if (look.session) throw failed(`Somebody is using ${place}. Test it when it is free.`);
}

/** What a running hub says. Throws CliError when there is none, or it will not. */
export async function ask<Op extends ControlOp>(
  { dataDir }: Context,
  asked: Extract<ControlRequest, { op: Op }>,
): Promise<Extract<ControlAnswer<Op>, { kind: "answer" }>["result"]> {
  const answer = await askControl<Op>(controlPath(dataDir), asked);
  if (answer.kind === "no_hub")
    throw failed("No hub is running here, and only a running hub reaches a node. Start it with `koprade start`.");
  if (answer.kind === "failed") throw failed(answer.sentence);
  return answer.result;
}

/** Looks every half second until it is so; false: not in time. */
export async function untilSeen<Seen>(
  context: Context,
  look: () => Promise<Seen>,
  isTrue: (seen: Seen) => boolean,
  limitMs: number,
): Promise<boolean> {
  const { clock } = context.world;
  const endMono = clock.monoMs() + limitMs;
  for (;;) {
    if (isTrue(await look())) return true;
    if (clock.monoMs() >= endMono) return false;
    await new Promise<void>((resolve) => clock.after("look again", pollMs, resolve));
  }
}

function trialOf(given: {
  readonly context: Context;
  readonly ledger: Ledger;
  readonly place: string;
  readonly person: Trial["person"];
  readonly limitMs: number;
  readonly first: Look;
  look(): Promise<Look>;
}): Trial {
  const { context, ledger, place, person, limitMs, look, first } = given;
  const { actor } = context;
  const { node, ch } = first;
  const newest = (): number => ledger.read.events({ node, limit: 1 })[0]?.n ?? 0;
  const since = (n: number) =>
    ledger.read.events({ node, after: n, limit: eventsAtOnce }).filter((event) => event.ch === ch || event.ch === "node");
  let from = newest();
  return {
    person,
    limitMs,
    look,
    mark() {
      from = newest();
    },
    happened: (...kinds) => since(from).some(({ body }) => kinds.includes(body.kind)),
    permit: () => ask(context, { op: "tryPermit", machine: place, long: false, actor }),
    endPermit: (now) => ask(context, { op: "endPermit", machine: place, now, actor }),
    unlock: () => ask(context, { op: "unlockDoor", door: place, actor }),
    until: (isTrue, limit) => untilSeen(context, look, isTrue, limit),
    boardIs(state) {
      const last = since(from).findLast(({ body }) => body.kind === "node.board");
      return last?.body.kind === "node.board" && last.body.state === state;
    },
  };
}
