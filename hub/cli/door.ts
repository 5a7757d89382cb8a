/** `koprade door`: doors with a reader. The fail mode has no default; opening goes through the running hub. */
import { doorDefaults } from "#core";
import { changing } from "./change.ts";
import { type Context, command, failed, type Noun } from "./command.ts";
import { askControl, type ControlRequest, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { place, settingsOf } from "./machine.ts";
import { columns } from "./text.ts";
import { wholeNumber } from "./values.ts";

const add = command({
  summary: "add a door",
  args: {
    door: { type: "positional", required: true, description: "short name such as front-door" },
    ...place,
    "fail-mode": {
      type: "enum",
      options: ["safe", "secure"],
      required: true,
      description: "without power: safe stands open, secure stays locked from outside",
    },
    course: { type: "string", default: "none", valueHint: "course", description: "course a member must have passed, or none" },
    "strike-s": {
      type: "string",
      default: String(doorDefaults.strikeMs / 1000),
      valueHint: "seconds",
      description: "how long the lock is released, 1 to 30",
    },
    "held-s": {
      type: "string",
      default: String(doorDefaults.shuntMs / 1000),
      valueHint: "seconds",
      description: "open longer than this counts as held open, 10 to 600",
    },
  },
  examples: ["koprade door add front-door --node door-node --fail-mode safe --label 'Front door'"],
  async run(given, context) {
    const strikeMs = wholeNumber("--strike-s", given["strike-s"], 1, 30) * 1000;
    const shuntMs = wholeNumber("--held-s", given["held-s"], 10, 600) * 1000;
    return withLedger(context, async (ledger) => {
      const input = {
        door: given.door,
        node: given.node,
        ch: given.ch ?? given.door,
        label: given.label ?? given.door,
        failMode: given["fail-mode"],
        course: given.course === "none" ? null : given.course,
        strikeMs,
        shuntMs,
        settings: settingsOf(given.set),
      };
      await ledger.change.addDoor(input, context.actor);
      return {
        lines: [
          `Added ${input.label} (${input.door}) at ${input.node}/${input.ch}: fail ${input.failMode}, released for ${strikeMs / 1000} s.`,
        ],
        json: input,
      };
    });
  },
});

const list = command({
  summary: "list the doors",
  args: {},
  examples: ["koprade door list"],
  async run(_given, context) {
    return withLedger(context, async (ledger) => {
      const doors = ledger.read.resources().filter((row) => row.kind === "door");
      if (doors.length === 0) return { lines: ["No doors. Add one with: koprade door add"], json: [] };
      const lines = columns(
        ["DOOR", "LABEL", "NODE", "FAIL MODE"],
        doors.map((row) => [row.id, row.label, `${row.node}/${row.ch}`, row.failMode ?? "–"]),
      );
      return { lines, json: doors.map(({ id, label, node, ch, failMode, course }) => ({ id, label, node, ch, failMode, course })) };
    });
  },
});

const which = { type: "positional", required: true, description: "short name of the door" } as const;

/** Asks the running hub, and tells what became of it. */
async function ordered(context: Context, asked: Extract<ControlRequest, { readonly door: string }>, done: string, not: string) {
  const answer = await askControl(controlPath(context.dataDir), asked);
  if (answer.kind === "no_hub")
    throw failed(`No hub is running on ${context.dataDir}, and only a running hub can do this. Start it with \`koprade start\`.`);
  if (answer.kind === "failed") throw failed(answer.sentence);
  const { door } = asked;
  const { result } = answer;
  switch (result.status) {
    case "applied":
    case "verified":
      return { lines: [`${door} is ${done}.`], json: { door, status: result.status } };
    case "unconfirmed":
      throw failed(`${door}: its node did not confirm in time. It may or may not be ${done}; look at the door.`);
    case "missing":
      throw failed(`There is no door "${door}"; see \`koprade door list\`.`);
    case "rejected":
      throw failed(`${door} was not ${not}: ${result.sentence}`);
  }
}

const unlock = command({
  summary: "open a door once, now, through the running hub",
  args: { door: which },
  examples: ["koprade door unlock front-door"],
  run: ({ door }, context) => ordered(context, { op: "unlockDoor", door, actor: context.actor }, "released", "opened"),
});

const lock = command({
  summary: "lock a door now: ends free passage, and the release after an evacuation",
  args: { door: which },
  examples: ["koprade door lock front-door"],
  run: ({ door }, context) => ordered(context, { op: "orderDoor", order: "relock", door, actor: context.actor }, "locked", "locked"),
});

const acknowledge = command({
  summary: "silence a door's alarm; one whose cause lasts stays listed",
  args: { door: which },
  examples: ["koprade door acknowledge front-door"],
  run: ({ door }, context) => ordered(context, { op: "orderDoor", order: "acknowledge", door, actor: context.actor }, "silent", "silenced"),
});

const reset = command({
  summary: "let a door leave a jammed lock, when the lock is seen to move again",
  args: { door: which },
  examples: ["koprade door reset front-door"],
  run: ({ door }, context) => ordered(context, { op: "orderDoor", order: "reset", door, actor: context.actor }, "reset", "reset"),
});

const remove = changing({
  change: "removeDoor",
  summary: "remove a door that was added by mistake and never used",
  args: { door: which },
  examples: ["koprade door remove frnt-door"],
  input: (given) => ({ door: given.door }),
  says: (input) => `${input.door} is removed.`,
});

export const door: Noun = { summary: "doors with a reader", verbs: { add, list, unlock, lock, acknowledge, reset, remove } };
