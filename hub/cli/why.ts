/** `koprade why`: the decision that a member would get at a door or machine at an instant, with every rule and what it said. */
import { explainCode } from "#core";
import { whyOf } from "../foresight.ts";
import { siteOf } from "./change.ts";
import { command, failed } from "./command.ts";
import { withLedger } from "./data.ts";
import { columns, paint } from "./text.ts";
import { instant, theMember } from "./values.ts";

export const why = command({
  summary: "the decision for a member, with every rule",
  args: {
    member: { type: "string", required: true, valueHint: "member", description: "number or name of the member" },
    at: { type: "string", required: true, valueHint: "name", description: "short name of the door or machine" },
    when: { type: "string", valueHint: "time", description: "local time such as 2026-12-24T22:00 (default now)" },
  },
  examples: ["koprade why --member 'Ada Ozola' --at laser-1 --when 2026-12-24T22:00", "koprade why --member 12 --at front-door --json"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const { member, displayName } = theMember(ledger, "--member", given.member);
      const zone = ledger.read.site().tz;
      const atMs = given.when === undefined ? context.world.clock.nowMs() : instant("--when", given.when, zone);
      const decision = whyOf({ ledger }, member, given.at, atMs);
      if (decision === undefined)
        throw failed(`--at: there is no door or machine "${given.at}"; see \`koprade door list\` and \`koprade machine list\`.`);
      const { outcome, reason, also, waived, warnings, trace } = decision;
      const site = siteOf(ledger, context);
      const overrides = ledger.read.overrides(atMs).filter((row) => row.member === member && row.resource === given.at);
      const words = explainCode(reason, ledger.read.site().locale);
      const colour = paint(context.world);
      const mark = new Map([
        ["pass", colour.good("✓")],
        ["grant", colour.good("✓")],
        ["fail", colour.bad("✕")],
        ["warn", "!"],
        ["skip", colour.dim("–")],
        ["pending", "…"],
      ]);
      const wall = Temporal.Instant.fromEpochMilliseconds(atMs)
        .toZonedDateTimeISO(zone)
        .toPlainDateTime()
        .toString({ smallestUnit: "minute" });
      const lines = [
        `${outcome === "grant" ? colour.good("✓") : colour.bad("✕")} ${displayName} (${member}) at ${given.at}, ${wall} ${zone}: ${outcome} ${reason}`,
        [words.what, words.why, words.next].filter((text) => text !== "").join(" "),
        ...(also.length === 0 ? [] : [`Also: ${also.join(", ")}.`]),
        ...(waived.length === 0 ? [] : [`Set aside: ${waived.join(", ")}.`]),
        ...overrides.map(
          (row) =>
            `Override ${row.override} of ${row.codes.join(", ")} by ${site.name(row.by)} until ${site.wall(row.untilMs)}: ${row.reason}`,
        ),
        ...(warnings.length === 0 ? [] : [`Warnings: ${warnings.join(", ")}.`]),
        "",
        ...columns(
          ["", "RULE", "SAYS", "LOOKS AT"],
          trace.map((rule) => [mark.get(rule.verdict) ?? "", rule.rule, rule.code ?? rule.verdict, rule.because]),
        ),
        "",
        colour.dim("Lockouts, mode and credit are as they are now; whatever cannot be known ahead is taken as favourable."),
      ];
      return {
        lines,
        json: { member, at: given.at, whenMs: atMs, outcome, reason, also, waived, warnings, overrides, trace, explanation: words },
      };
    });
  },
});
