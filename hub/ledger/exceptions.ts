/**
 * OFFLINE_EXCEPTION (domain.md §3.6, S18): a node that was away let somebody in, or onto a machine, whom the facts of that moment
 * refuse. It is no fault of the node's: it could not know. It is written down, shown, and closed by a person.
 *
 * What is recorded tells when a card was blocked, a member suspended or held, a machine locked, also where that is over by now: the
 * rows have their times, the audit has the rest. Of everything else it tells only that something was changed; where that happened after
 * the use, nobody can say what held then, and nothing is claimed.
 */
import { type Code, type SubjectFacts, subjectFacts } from "#contract";
import { decide, favourableLive, type Subject } from "#core";
import { appendAudit } from "./audit.ts";
import { callerOf } from "./authority.ts";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import type { CardFact } from "./facts.ts";
import type { CommandName } from "./inputs.ts";
import { anyCard, memberFactsAt } from "./member-facts.ts";
import { Refused } from "./refuse.ts";
import { missing } from "./rows.ts";
import type { LockoutRow, StoredEvent } from "./types.ts";

/**
 * What stands in the audit and changes no fact that a decision looks at, or only one that tells its own time. Events write most of
 * it: an exception must not hide the next one.
 */
const changesNothing: readonly (CommandName | "OFFLINE_EXCEPTION" | "captureRefused" | "signOffRefused" | "rejectCheck")[] = [
  ...(["addHold", "clearHold", "restrict", "liftRestriction", "blockCard", "restoreCard", "addOverride", "endOverride"] as const),
  ...(["OFFLINE_EXCEPTION", "captureRefused", "signOffRefused", "rejectCheck", "checkIn", "lockMachine", "unlockMachine"] as const),
  ...(["openCapture", "closeException", "reopenException", "setMode", "setNextStep"] as const),
  ...(["setBackground", "setRate", "planMaintenance", "cancelMaintenance"] as const),
  ...(["renewCardKeys", "closeMonth", "setTargetGroup", "addHeadcount", "addMoney", "undoHeadcount", "undoMoney"] as const),
];
/** as far back as entries of the audit are looked through */
const auditRows = 5000;

export const exceptions: Pick<Handlers, "closeException" | "reopenException"> = {
  closeException({ db, nowMs, actor }, input) {
    const caller = callerOf(actor);
    if (caller?.kind === "member" && db.one("SELECT 1 FROM exceptions WHERE exception = ? AND member = ?", input.exception, caller.member))
      throw new Refused("FORBIDDEN", "Nobody closes an exception of their own.", "Ask somebody else to look at it.");
    const changed = db.run(
      "UPDATE exceptions SET closed_ms = ?, closed_by = ?, remark = ? WHERE exception = ? AND closed_ms IS NULL",
      nowMs,
      actor,
      input.reason,
      input.exception,
    );
    if (changed === 0) throw missing("open exception", input.exception);
    return {};
  },

  reopenException({ db }, input) {
    const sql = "UPDATE exceptions SET closed_ms = NULL, closed_by = NULL, remark = NULL WHERE exception = ? AND closed_ms IS NOT NULL";
    if (db.run(sql, input.exception) === 0) throw missing("closed exception", input.exception);
    return {};
  },
};

type Decided = Extract<StoredEvent["body"], { kind: "access.decided" }>;

/** Looks at what a node decided alone and told late. Call inside the transaction that stored the event. */
export function noteException(context: CommandContext, event: StoredEvent, body: Decided): void {
  const { db } = context;
  const place = db.one<{ id: string }>("SELECT id FROM resources WHERE node = ? AND ch = ?", event.node, event.ch);
  if (place === undefined) return;
  const code = refusalsThen(context, body, place.id, event.evtMs).find(
    (each) => tellsItsTime.has(each) || isUnchanged(db, body.member, event.evtMs),
  );
  if (code === undefined) return;
  const added = db.run(
    "INSERT INTO exceptions (source, member, resource, code, evt_ms, noticed_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source) DO NOTHING",
    `${event.node}/${event.boot}/${event.seq}`,
    body.member,
    place.id,
    code,
    event.evtMs,
    event.recvMs,
  );
  const detail = JSON.stringify({ resource: place.id, code, decision: body.decision });
  const entry = { atMs: event.recvMs, actor: context.actor, action: "OFFLINE_EXCEPTION", target: `member ${body.member}`, detail };
  if (added > 0) appendAudit(db, entry);
}

/** Everything that refuses by the facts of that moment, as far as they are recorded; what decides comes first. */
function refusalsThen({ db }: CommandContext, body: Decided, resource: string, atMs: number): readonly Code[] {
  const then = { card: cardThen(db, body, atMs) };
  const facts = memberFactsAt(db, body.member, resource, atMs, then);
  if (facts === undefined || facts.subject === null) return [];
  const { subject } = facts;
  const companions = (body.with ?? []).flatMap((member): Subject[] => {
    const other = memberFactsAt(db, member, resource, atMs, { card: anyCard })?.subject;
    return other === undefined || other === null ? [] : [other];
  });
  const lockouts = db.all<{ kind: LockoutRow["kind"] }>(
    "SELECT DISTINCT kind FROM lockouts WHERE machine = ?1 AND at_ms <= ?2 AND (cleared_ms IS NULL OR cleared_ms > ?2)",
    resource,
    atMs,
  );
  const decision = decide({
    question: { kind: body.request, ageMs: 0, usable: true, assurance: 3, acknowledged: true, pin: "right" },
    clock: { nowMs: atMs, floorMs: atMs, quality: "synced" },
    subject: { ...subject, facts: { ...subject.facts, member: statusThen(db, body.member, atMs) } },
    companions,
    resource: facts.resource,
    schedules: facts.schedules,
    live: { ...favourableLive(atMs), lockouts: lockouts.map(({ kind }) => kind) },
    mode: "normal",
    nodeAuthorised: true,
    where: { place: "hub" },
  });
  return decision.outcome === "deny" ? [decision.reason, ...decision.also] : [];
}

/** The card as it stood at that moment: what its row says where that is older, else what was done to it last before. */
function cardThen(db: Database, { card = "", member }: Decided, atMs: number): CardFact {
  const row = db.one<CardFact & { readonly sinceMs: number }>(
    `SELECT status, valid_from AS validFrom, valid_through AS validThrough, status_since_ms AS sinceMs FROM cards
     WHERE card_key = ? AND member = ?`,
    card,
    member,
  );
  if (row !== undefined && row.sinceMs <= atMs) return row;
  const status = card === "" ? undefined : lastSaid(db, ["assignCard", "blockCard", "restoreCard"], member, card, atMs);
  return { ...(row ?? anyCard), status: cardStatus.safeParse(status).data ?? "active" };
}
const cardStatus = subjectFacts.shape.credential;

function statusThen(db: Database, member: number, atMs: number): SubjectFacts["member"] {
  return subjectFacts.shape.member.safeParse(lastSaid(db, ["setMember"], member, '"status"', atMs)).data ?? "active";
}

/** The status that the audit names in the last of these entries up to then about the member, among those that contain the words. */
function lastSaid(db: Database, actions: readonly CommandName[], member: number, words: string, atMs: number): unknown {
  const entry = db.one<{ detail: string }>(
    `SELECT detail FROM audit WHERE target = ? AND action IN (SELECT value FROM json_each(?)) AND at_ms <= ? AND instr(detail, ?) > 0
     ORDER BY n DESC LIMIT 1`,
    `member ${member}`,
    JSON.stringify(actions),
    atMs,
    words,
  );
  return entry === undefined ? undefined : (JSON.parse(entry.detail) as { readonly status?: unknown }).status; // short: never cut off
}

/** Refusals whose cause is known for every moment. */
const tellsItsTime: ReadonlySet<Code> = new Set<Code>([
  "CREDENTIAL_REVOKED",
  "MEMBER_SUSPENDED",
  "HOLD_ACTIVE",
  "RESTRICTED_HERE",
  "LOCKED_OUT",
  "OUT_OF_ORDER",
  "DEVICE_FAULT",
  "DEVICE_TAMPER",
]);

/** Has nothing that a decision about this member looks at been changed since? False, too, where that is further back than is looked. */
function isUnchanged(db: Database, member: number, atMs: number): boolean {
  const looked = db.one<{ fromMs: number | null; fromN: number | null; changes: number }>(
    `SELECT min(at_ms) AS fromMs, min(n) AS fromN, count(*) FILTER (WHERE at_ms > ?1 AND (target NOT LIKE 'member %' OR target = ?2)
       AND action NOT IN (SELECT value FROM json_each(?3))) AS changes
     FROM audit WHERE n > (SELECT max(n) FROM audit) - ${auditRows}`,
    atMs,
    `member ${member}`,
    JSON.stringify(changesNothing),
  );
  return looked !== undefined && looked.changes === 0 && ((looked.fromN ?? 1) === 1 || (looked.fromMs ?? 0) <= atMs);
}
