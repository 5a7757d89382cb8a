/**
 * Overrides (domain.md §3.5): somebody with the right to it sets named refusals aside for one member at one place, for a while and
 * with a reason. The fact travels in the snapshots, so that it holds at the next tap, with or without the hub.
 */
import { type Code, day, hour } from "#contract";
import { mayOverride, neverOverridable, rolesFor, type Subject } from "#core";
import { appendAudit } from "./audit.ts";
import { callerOf } from "./authority.ts";
import type { CommandContext, Handlers } from "./commands.ts";
import { memberFactsAt } from "./member-facts.ts";
import { tellOverride } from "./notice-rules.ts";
import { Refused } from "./refuse.ts";
import { missing, need, needMember } from "./rows.ts";

const longestMs = day;
const openMost = 8;

export const overrides: Pick<Handlers, "addOverride" | "endOverride"> = {
  addOverride(context, input) {
    const { db, nowMs, actor } = context;
    needMember(context, input.member);
    needMember(context, input.by);
    need(context, "resources", input.resource);
    const caller = callerOf(actor);
    if (caller?.kind === "member" && caller.member !== input.by)
      throw new Refused("FORBIDDEN", `${actor} overrides in their own name only.`, "Let that person give the override.");
    if (input.by === input.member)
      throw new Refused("CONFLICT", "Nobody overrides for themselves.", "Ask another steward or maintainer on duty.");
    if (input.untilMs <= nowMs) throw new Refused("BAD_INPUT", "until: that is over already.", "Give a time to come.");
    if (input.untilMs - nowMs > longestMs)
      throw new Refused("BAD_INPUT", `until: longer than ${longestMs / hour} hours.`, "An override is for today; change the rule instead.");
    needRight(context, input);
    const open = db.one<{ c: number }>(
      "SELECT count(*) AS c FROM overrides WHERE member = ? AND resource = ? AND ended_ms IS NULL AND until_ms > ?",
      input.member,
      input.resource,
      nowMs,
    );
    if ((open?.c ?? 0) >= openMost)
      throw new Refused("CONFLICT", `${openMost} overrides are open for this member there.`, "End one: `koprade override list`.");
    const override = db.insert(
      "INSERT INTO overrides (member, resource, by_member, codes, reason, at_ms, until_ms, by_actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      input.member,
      input.resource,
      input.by,
      JSON.stringify([...new Set(input.codes)].sort()),
      input.reason,
      nowMs,
      input.untilMs,
      actor,
    );
    tellOverride(context, input.resource, override, input.by, input.untilMs);
    return { override };
  },

  endOverride(context, input) {
    const { db, nowMs } = context;
    const row = db.one<{ endedMs: number | null; untilMs: number }>(
      "SELECT ended_ms AS endedMs, until_ms AS untilMs FROM overrides WHERE override = ?",
      input.override,
    );
    if (row === undefined) throw missing("override", input.override);
    if (row.endedMs !== null || row.untilMs <= nowMs) throw new Refused("CONFLICT", `Override ${input.override} is over already.`);
    db.run("UPDATE overrides SET ended_ms = ? WHERE override = ?", nowMs, input.override);
    return {};
  },
};

type Given = { readonly resource: string; readonly by: number; readonly codes: readonly Code[] };

/** Whoever is named must be allowed to set every one of these aside there, at this moment. */
function needRight({ db, nowMs }: CommandContext, { resource, by, codes }: Given): void {
  const facts = memberFactsAt(db, by, resource, nowMs);
  const who: Subject | null = facts?.subject ?? null;
  for (const code of codes) {
    if (neverOverridable.has(code))
      throw new Refused("CONFLICT", `${code} can be overridden by nobody.`, "Mend what causes it: `koprade why` names the rule.");
    if (who !== null && mayOverride({ nowMs, atLeastMs: nowMs, resource: facts?.resource ?? null }, who, code)) continue;
    throw new Refused(
      "CONFLICT",
      `Member ${by} may not override ${code} at ${resource}.`,
      "Name a steward on duty or a maintainer, as the policy there says (`koprade policy show`).",
    );
  }
}

type Open = { readonly override: number; readonly member: number; readonly resource: string; readonly codes: string };

/** Ends what `which` names among the overrides that run, and writes each into the audit. Call inside the transaction of the cause. */
function end(
  context: CommandContext,
  which: string,
  values: readonly (string | number)[],
  isMeant: (one: Open) => boolean = () => true,
): boolean {
  const { db, nowMs, actor } = context;
  const sql = `SELECT override, member, resource, codes FROM overrides WHERE ended_ms IS NULL AND ${which} ORDER BY override`;
  const found = db.all<Open>(sql, ...values).filter(isMeant);
  for (const { override, member, resource } of found) {
    db.run("UPDATE overrides SET ended_ms = max(at_ms, ?) WHERE override = ?", nowMs, override);
    const detail = JSON.stringify({ override, resource });
    appendAudit(db, { atMs: nowMs, actor, action: "endOverride", target: `member ${member}`, detail });
  }
  return found.length > 0;
}

/** A session that was begun under an override has ended, and the override with it. True when one did. */
export const endWithSession = (context: CommandContext, resource: string, member: number, startedMs: number): boolean =>
  end(context, "member = ? AND resource = ? AND at_ms <= ? AND until_ms > ?", [member, resource, startedMs, startedMs]);

/** The machine was reported broken: who set an earlier report aside knew nothing of this one. True when an override ended. */
export const endWithReport = (context: CommandContext, machine: string): boolean =>
  end(context, "resource = ? AND until_ms > ?", [machine, context.nowMs], ({ codes }) => parsed(codes).includes("OUT_OF_ORDER"));

/** The roles of a member are other ones now: what they could not give any more, in whole, ends. Call after the change. */
export function endWithRole(context: CommandContext, author: number): void {
  const { db, nowMs } = context;
  end(context, "by_member = ? AND until_ms > ?", [author, nowMs], ({ resource, codes }) => {
    const facts = memberFactsAt(db, author, resource, nowMs);
    const of = facts?.subject?.facts;
    if (of === undefined || of.member === "left" || of.member === "banned") return true;
    return !parsed(codes).some((code) => rolesFor(facts?.resource ?? null, code).some((role) => of.roles.includes(role)));
  });
}

const parsed = (codes: string): readonly Code[] => JSON.parse(codes);
