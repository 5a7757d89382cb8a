/**
 * Corrections of sessions (reports.md §6.3): a member says that a session of theirs ended at another time, a manager grants or refuses.
 * What the node told stays as it is; whoever asks for sessions hears the end that was granted last, called `corrected`.
 */
import { hubDefaults, registerWith } from "#core";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { localToday } from "./dates.ts";
import { readSite } from "./meta.ts";
import { noteNotice } from "./notices.ts";
import { resourceThen } from "./places-of.ts";
import { Refused } from "./refuse.ts";
import { missing, needMember } from "./rows.ts";

const sessionMsMost = 72 * 3_600_000;

export type CorrectionRow = {
  readonly correction: number;
  readonly session: string;
  readonly machine: string;
  readonly member: number;
  readonly startMs: number;
  /** the end that was recorded when it was asked for; null: none yet */
  readonly wasMs: number | null;
  readonly toMs: number;
  readonly reason: string;
  readonly askedMs: number;
  readonly askedBy: string;
  readonly outcome: "granted" | "refused" | null;
  readonly answer: string | null;
  readonly answeredMs: number | null;
  readonly answeredBy: string | null;
};

/** The end of session `s` that was granted last; null when none was. */
export const correctedEnd = `(SELECT c.to_ms FROM corrections c WHERE c.node = s.node AND c.session = s.session AND c.outcome = 'granted'
  ORDER BY c.answered_ms DESC, c.correction DESC LIMIT 1)`;

export const corrections: Pick<Handlers, "askCorrection" | "grantCorrection" | "refuseCorrection"> = {
  askCorrection(context, input) {
    const { db, nowMs, actor } = context;
    needMember(context, input.member);
    const session = db.one<{ node: string; member: number; startMs: number; endMs: number | null }>(
      "SELECT node, member, start_ms AS startMs, end_ms AS endMs FROM sessions WHERE session = ?",
      input.session,
    );
    if (session === undefined || session.member !== input.member)
      throw new Refused(
        "NOT_FOUND",
        `Member ${input.member} has no session ${input.session}.`,
        "`koprade correction sessions` lists them.",
      );
    needTime(context, session, input.toMs);
    const open = db.one<{ correction: number }>(
      "SELECT correction FROM corrections WHERE node = ? AND session = ? AND outcome IS NULL",
      session.node,
      input.session,
    );
    if (open !== undefined)
      throw new Refused("CONFLICT", `Correction ${open.correction} asks for that session already.`, "Wait for its answer, then ask again.");
    const correction = db.insert(
      "INSERT INTO corrections (node, session, member, was_ms, to_ms, reason, asked_ms, asked_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      session.node,
      input.session,
      input.member,
      session.endMs,
      input.toMs,
      input.reason,
      nowMs,
      actor,
    );
    return { correction };
  },

  grantCorrection: (context, input) => answer(context, input.correction, "granted", input.reason),
  refuseCorrection: (context, input) => answer(context, input.correction, "refused", input.reason),
};

/** The end must lie in the session's possible time, and the month's window for corrections be open still. */
function needTime(context: CommandContext, session: { readonly startMs: number; readonly endMs: number | null }, toMs: number): void {
  const { db, nowMs, tz } = context;
  if (toMs <= session.startMs || toMs > Math.min(nowMs, session.startMs + sessionMsMost))
    throw new Refused("BAD_INPUT", "toMs: a session ends after it begins, within 72 h, and not in the future.", "Give when it ended.");
  if (toMs === session.endMs) throw new Refused("BAD_INPUT", "toMs: that is the end that is recorded.", "Give when it ended instead.");
  const { correctionMs } = registerWith(hubDefaults, readSite(db).settings);
  const endOfMonth = Temporal.PlainDate.from(localToday(tz, session.endMs ?? session.startMs))
    .with({ day: 1 })
    .add({ months: 1 })
    .toZonedDateTime({ timeZone: tz }).epochMilliseconds;
  if (nowMs >= endOfMonth + correctionMs)
    throw new Refused(
      "CONFLICT",
      `Corrections of that month were taken until ${localToday(tz, endOfMonth + correctionMs - 1)}.`,
      "Tell the manager, who may give the space more time: `koprade site set --set correctionMs=…`.",
    );
}

function answer(context: CommandContext, correction: number, outcome: "granted" | "refused", reason: string): { readonly member: number } {
  const { db, nowMs, actor } = context;
  const row = db.one<{ member: number; node: string; session: string; askedBy: string; outcome: string | null }>(
    "SELECT member, node, session, asked_by AS askedBy, outcome FROM corrections WHERE correction = ?",
    correction,
  );
  if (row === undefined) throw missing("correction", correction);
  if (row.outcome !== null)
    throw new Refused("CONFLICT", `Correction ${correction} is ${row.outcome} already.`, "An answer stands; the member may ask again.");
  if (row.askedBy === actor || actor === `member:${row.member}`)
    throw new Refused("FORBIDDEN", "Nobody reviews what they have asked for themselves.", "Let the owner or another manager look at it.");
  db.run(
    "UPDATE corrections SET outcome = ?, answer = ?, answered_ms = ?, answered_by = ? WHERE correction = ?",
    outcome,
    reason,
    nowMs,
    actor,
    correction,
  );
  const label = db.one<{ label: string }>(
    `SELECT r.label FROM sessions s JOIN resources r ON r.id = ${resourceThen("s", "start_ms")} WHERE s.node = ? AND s.session = ?`,
    row.node,
    row.session,
  )?.label;
  noteNotice(context, row.member, `correction/${correction}`, `correction_${outcome}`, { label: label ?? row.node });
  return { member: row.member };
}

/** Newest first; `open`: only those without an answer. */
export function readCorrections(db: Database, query: { readonly member?: number; readonly open?: boolean } = {}): CorrectionRow[] {
  return db.all<CorrectionRow>(
    `SELECT c.correction, c.session, coalesce(r.id, s.ch) AS machine, c.member, s.start_ms AS startMs, c.was_ms AS wasMs, c.to_ms AS toMs, c.reason,
       c.asked_ms AS askedMs, c.asked_by AS askedBy, c.outcome, c.answer, c.answered_ms AS answeredMs, c.answered_by AS answeredBy
     FROM corrections c JOIN sessions s ON s.node = c.node AND s.session = c.session
     LEFT JOIN resources r ON r.id = ${resourceThen("s", "start_ms")}
     WHERE (?1 IS NULL OR c.member = ?1) AND (?2 = 0 OR c.outcome IS NULL) ORDER BY c.correction DESC LIMIT 10000`,
    query.member ?? null,
    query.open === true ? 1 : 0,
  );
}
