/** The usual kinds of verbs: one that gives a single command to the ledger and says so, and one that lists. */
import type { ArgsDef, ParsedArgs } from "citty";
import { localToday } from "../ledger/dates.ts";
import type { CommandInput, CommandName, ResultOf } from "../ledger/inputs.ts";
import type { Ledger } from "../ledger/types.ts";
import { type Command, type Context, command } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns } from "./text.ts";
import { instant, theMember } from "./values.ts";

/** What a verb needs to make sense of its words. */
export type Site = {
  readonly ledger: Ledger;
  readonly nowMs: number;
  /** the date of the space */
  readonly today: string;
  /** number of the member a text means */
  member(option: string, text: string): number;
  /** as people know them: `Ada Ozola (12)` */
  name(member: number): string;
  /** UTC ms of a local time or an instant */
  instant(option: string, text: string): number;
  /** local time to the minute */
  wall(ms: number): string;
};

export function siteOf(ledger: Ledger, context: Context): Site {
  const zone = ledger.read.site().tz;
  const nowMs = context.world.clock.nowMs();
  return {
    ledger,
    nowMs,
    today: localToday(zone, nowMs),
    member: (option, text) => theMember(ledger, option, text).member,
    name(member) {
      const row = ledger.read.member(member);
      return row === undefined ? `member ${member}` : `${row.displayName} (${member})`;
    },
    instant: (option, text) => instant(option, text, zone),
    wall: (ms) =>
      Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: "minute" }),
  };
}

/** A verb that gives one command. `says` gets what the ledger was told and what it answered. */
export function changing<const A extends ArgsDef, C extends CommandName>(verb: {
  readonly change: C;
  readonly summary: string;
  readonly args: A;
  readonly examples: readonly string[];
  input(given: ParsedArgs<A>, site: Site): CommandInput<C>;
  says(input: CommandInput<C>, result: ResultOf<C>, site: Site): string;
}): Command<A> {
  const { change, summary, args, examples } = verb;
  return command({
    summary,
    args,
    examples,
    async run(given, context) {
      return withLedger(context, async (ledger) => {
        const site = siteOf(ledger, context);
        const input = verb.input(given, site);
        const result = await ledger.change[change](input, context.actor);
        return { lines: [verb.says(input, result, site)], json: { ...(input as object), ...(result as object) } };
      });
    },
  });
}

/** A verb that lists rows under a header, or says that there are none. */
export function listing<const A extends ArgsDef, Row>(verb: {
  readonly summary: string;
  readonly args: A;
  readonly examples: readonly string[];
  readonly header: readonly string[];
  readonly none: string;
  rows(given: ParsedArgs<A>, site: Site): readonly Row[];
  line(row: Row, site: Site): readonly string[];
}): Command<A> {
  const { summary, args, examples } = verb;
  return command({
    summary,
    args,
    examples,
    async run(given, context) {
      return withLedger(context, async (ledger) => {
        const site = siteOf(ledger, context);
        const rows = verb.rows(given, site);
        if (rows.length === 0) return { lines: [verb.none], json: [] };
        return {
          lines: columns(
            verb.header,
            rows.map((row) => verb.line(row, site)),
          ),
          json: rows,
        };
      });
    },
  });
}

export const memberArg = { type: "string", required: true, valueHint: "member", description: "number or name of the member" } as const;
export const theMemberArg = { type: "positional", required: true, description: "number or name of the member" } as const;
export const reasonArg = { type: "string", required: true, valueHint: "text", description: "why, for the record" } as const;
export const fromTime = { type: "string", required: true, valueHint: "time", description: "local time such as 2026-12-01T18:00" } as const;
export const untilTime = { type: "string", required: true, valueHint: "time", description: "local time such as 2026-12-01T20:00" } as const;
