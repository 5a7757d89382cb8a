/** `koprade policy`: the rarer rules of a door or machine. Each option is one field; "none" takes it away again. */
import { code } from "#contract";
import type { CommandInput } from "../ledger/inputs.ts";
import type { Ledger, ResourceRow } from "../ledger/types.ts";
import { siteOf } from "./change.ts";
import { badUsage, command, failed, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";
import { listed } from "./parse.ts";
import { type Change, fields } from "./policy-fields.ts";

const name = { type: "positional", required: true, description: "short name of the door or machine" } as const;
const args = {
  name,
  ...Object.fromEntries(
    Object.entries(fields).map(([option, { hint, says, only }]) => [
      option,
      { type: "string" as const, valueHint: hint, description: `${says}${only === undefined ? "" : ` (${only}s)`}` },
    ]),
  ),
};

const set = command({
  summary: "change rules of a door or machine; none takes one away",
  args,
  examples: [
    "koprade policy set laser-1 --two-person late --alone forbid --booking optional",
    "koprade policy set saw-1 --circuit feed-3 --watts 2200 --group dusty --zone wood-shop",
    "koprade policy set front-door --guests with-host --assurance none",
  ],
  async run(given, context) {
    const words = given as Readonly<Record<string, unknown>>;
    const chosen = Object.keys(fields).filter((option) => typeof words[option] === "string");
    if (chosen.length === 0) throw badUsage(`Say what to change: ${listed(Object.keys(fields).map((option) => `--${option}`))}.`);
    const parts = chosen.map((option): Change => {
      const text = String(words[option]);
      if (text === "none" && fields[option]?.always === true) throw badUsage(`--${option} cannot be none: ${fields[option].says}.`);
      return fields[option]?.read(`--${option}`, text) ?? {};
    });
    return withLedger(context, async (ledger) => {
      const row = theResource(ledger, String(words.name));
      const wrong = chosen.find((option) => (fields[option]?.only ?? row.kind) !== row.kind);
      if (wrong !== undefined) throw badUsage(`--${wrong} is for ${fields[wrong]?.only}s; ${row.id} is a ${row.kind}.`);
      const change = together(row, parts);
      if (row.kind === "door")
        await ledger.change.setDoor({ door: row.id, change: change as CommandInput<"setDoor">["change"] }, context.actor);
      else await ledger.change.setMachine({ machine: row.id, change: change as CommandInput<"setMachine">["change"] }, context.actor);
      return { lines: [`${row.id}: ${chosen.map((option) => `${option} ${words[option]}`).join(", ")}.`], json: { id: row.id, change } };
    });
  },
});

function theResource(ledger: Ledger, id: string): ResourceRow {
  const row = ledger.read.resource(id);
  if (row === undefined) throw failed(`There is no door or machine "${id}"; see \`koprade door list\` and \`koprade machine list\`.`);
  return row;
}

/** All parts as one change. A part of a booking rule leaves its other parts as they are. */
function together(row: ResourceRow, parts: readonly Change[]): Change {
  const given = parts.flatMap(({ booking }) => (booking === undefined ? [] : [booking]));
  const change = Object.assign({}, ...parts) as Change;
  if (given.length === 0 || given.includes(null)) return change;
  const booking = Object.assign({}, row.facts.booking, ...given) as Change;
  if (booking.mode === undefined) throw badUsage(`${row.id} cannot be booked yet; say --booking optional or --booking required too.`);
  return { ...change, booking };
}

const show = command({
  summary: "show what a door or machine asks for, as its node knows it",
  args: { name },
  examples: ["koprade policy show laser-1"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const { node, ch, course, zone, fromZone, failMode, settings, ...row } = theResource(ledger, given.name);
      const facts = { ...row.facts, node, ch, course, zone, fromZone, failMode, settings };
      const lines = Object.entries(facts)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([field, value]) => `${field}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
      return { lines, json: facts };
    });
  },
});

const nextStep = command({
  summary: "say what a refused member should do next here, in place of the usual sentence",
  args: {
    name,
    code: { type: "string", required: true, valueHint: "CODE", description: "the refusal, as `koprade why` names it" },
    text: { type: "string", required: true, valueHint: "text", description: "the sentence, or none for the usual one" },
    locale: { type: "enum", options: ["en", "lv", "sv", "nb"], default: "en", description: "language of the sentence" },
  },
  examples: ["koprade policy next-step laser-1 --code TRAINING_REQUIRED --text 'Ask at the desk on Tuesdays'"],
  async run(given, context) {
    const refusal = code.safeParse(given.code);
    if (!refusal.success)
      throw badUsage(`--code: "${given.code}" is no refusal; \`koprade why\` names them, such as OUTSIDE_OPENING_HOURS.`);
    return withLedger(context, async (ledger) => {
      const row = theResource(ledger, given.name);
      const { [given.locale]: _old, ...others } = row.facts.nextStep[refusal.data] ?? {};
      const text = given.text === "none" ? others : { ...others, [given.locale]: given.text };
      await ledger.change.setNextStep({ resource: row.id, code: refusal.data, text }, context.actor);
      const now = given.text === "none" ? "the usual sentence again" : given.text;
      return { lines: [`${row.id}, ${refusal.data}, ${given.locale}: ${now}`], json: { id: row.id, code: refusal.data, text } };
    });
  },
});

export const policy: Noun = { summary: "the rules of a door or machine", verbs: { set, show, "next-step": nextStep } };

const modes = ["normal", "evacuate", "lockdown"] as const;
/** `koprade mode`: evacuation and lockdown, at once and everywhere. */
export const mode = command({
  summary: "set the mode of the whole space: normal, evacuate or lockdown",
  args: {
    mode: { type: "positional", required: true, description: "normal, evacuate or lockdown" },
    reason: { type: "string", required: true, valueHint: "text", description: "why, for the record" },
  },
  examples: ["koprade mode evacuate --reason 'smoke in the wood shop'", "koprade mode normal --reason 'false alarm'"],
  async run(given, context) {
    const wanted = modes.find((each) => each === given.mode);
    if (wanted === undefined) throw badUsage(`<mode> cannot be "${given.mode}"; give ${listed(modes)}.`);
    return withLedger(context, async (ledger) => {
      await ledger.change.setMode({ mode: wanted, reason: given.reason }, context.actor);
      const since = siteOf(ledger, context);
      return {
        lines: [`The space is in mode ${wanted} since ${since.wall(since.nowMs)}. Leaving a mode switches nothing on.`],
        json: { mode: wanted },
      };
    });
  },
});
