/**
 * Overrides (domain.md §3.5): somebody with the right to it sets named refusals aside for one member at one place, for a while and
 * with a reason. The fact travels in the snapshots, so that it holds at the next tap, with or without the hub.
 */
import { day, hour } from "#contract";
import { mayOverride, neverOverridable, type Subject } from "#core";
import { appendAudit } from "./audit.ts";
import { callerOf } from "./authority.ts";
import type { CommandContext, Handlers } from "./commands.ts";
import { memberFactsAt } from "./member-facts.ts";
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

type Given = { readonly resource: string; readonly by: number; readonly codes: readonly Parameters<typeof mayOverride>[2][] };

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

/** A session that was begun under an override has ended, and the override with it. True when one did. */
export function endWithSession(context: CommandContext, resource: string, member: number, startedMs: number): boolean {
  const { db, nowMs, actor } = context;
  const ended = db.run(
    "UPDATE overrides SET ended_ms = ? WHERE member = ? AND resource = ? AND ended_ms IS NULL AND at_ms <= ? AND until_ms > ?",
    nowMs,
    member,
    resource,
    startedMs,
    startedMs,
  );
  if (ended > 0)
    appendAudit(db, { atMs: nowMs, actor, action: "endOverride", target: `member ${member}`, detail: JSON.stringify({ resource }) });
  return ended > 0;
}
