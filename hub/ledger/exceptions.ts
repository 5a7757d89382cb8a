/**
 * OFFLINE_EXCEPTION (domain.md §3.6, S18): a node that was away let somebody in, or onto a machine, whom the facts of that moment
 * refuse. It is no fault of the node's: it could not know. It is written down, shown, and closed by a person.
 *
 * What is recorded tells since when a card was blocked, a member held, a machine locked. Of everything else it tells only that
 * something was changed; where that happened after the use, nobody can say what held then, and nothing is claimed.
 */
import type { Code } from "#contract";
import { decide, favourableLive, hubDefaults, type RequestKind, type Subject } from "#core";
import { appendAudit } from "./audit.ts";
import type { CommandContext, Handlers } from "./commands.ts";
import type { CardFact } from "./facts.ts";
import type { CommandName } from "./inputs.ts";
import { anyCard, memberFactsAt } from "./member-facts.ts";
import { missing } from "./rows.ts";
import type { LockoutRow, StoredEvent } from "./types.ts";

const begins: ReadonlySet<RequestKind> = new Set(["enter", "start", "handover", "teach", "maintain"]);
/**
 * What stands in the audit and changes no fact that a decision looks at, or only one that tells its own time. Events write most of
 * it: an exception must not hide the next one.
 */
const changesNothing: readonly (CommandName | "OFFLINE_EXCEPTION" | "captureRefused" | "signOffRefused" | "rejectCheck")[] = [
  ...(["OFFLINE_EXCEPTION", "captureRefused", "signOffRefused", "rejectCheck", "checkIn", "lockMachine", "unlockMachine"] as const),
  ...(["openCapture", "closeException", "reopenException", "setMode", "setNextStep"] as const),
  ...(["closeMonth", "setTargetGroup", "addHeadcount", "addMoney", "undoHeadcount", "undoMoney"] as const),
];
/** as far back as entries of the audit are looked through */
const auditRows = 5000;

export const exceptions: Pick<Handlers, "closeException" | "reopenException"> = {
  closeException({ db, nowMs, actor }, input) {
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

/** Did a node let somebody in alone, and tell of it late? */
export const isBelated = (event: StoredEvent, body: Decided): boolean =>
  body.where === "node" &&
  body.outcome === "grant" &&
  body.member !== 0 &&
  begins.has(body.request) &&
  event.recvMs - event.evtMs > hubDefaults.reachMs &&
  event.tqHub !== "unknown";

/** Looks at what a node decided alone and told late. Call inside the transaction that stored the event. */
export function noteException(context: CommandContext, event: StoredEvent, body: Decided): void {
  const { db } = context;
  const place = db.one<{ id: string }>("SELECT id FROM resources WHERE node = ? AND ch = ?", event.node, event.ch);
  if (place === undefined) return;
  const card = cardThen(context, body, event.evtMs);
  const code = refusedThen(context, body, place.id, card, event.evtMs);
  if (code === null || !heldThen(context, code, body.member, card, event.evtMs)) return;
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

type Card = CardFact & { readonly sinceMs: number };

/** The card as it stood at that moment, as far as is recorded: one that was blocked later worked then. */
function cardThen({ db }: CommandContext, { card, member }: Decided, atMs: number): Card {
  const row = db.one<Card>(
    `SELECT status, valid_from AS validFrom, valid_through AS validThrough, status_since_ms AS sinceMs FROM cards
     WHERE card_key = ? AND member = ?`,
    card ?? "",
    member,
  );
  if (row === undefined) return { ...anyCard, sinceMs: 0 };
  return row.sinceMs <= atMs ? row : { ...row, status: "active" };
}

function refusedThen(context: CommandContext, body: Decided, resource: string, card: CardFact, atMs: number): Code | null {
  const { db } = context;
  const facts = memberFactsAt(db, body.member, resource, atMs, card);
  if (facts === undefined) return null;
  const companions = (body.with ?? []).flatMap((member): Subject[] => {
    const subject = memberFactsAt(db, member, resource, atMs)?.subject;
    return subject === undefined || subject === null ? [] : [subject];
  });
  const lockouts = db.all<{ kind: LockoutRow["kind"] }>(
    "SELECT DISTINCT kind FROM lockouts WHERE machine = ? AND cleared_ms IS NULL AND at_ms <= ?",
    resource,
    atMs,
  );
  const decision = decide({
    question: { kind: body.request, ageMs: 0, usable: true, assurance: 3, acknowledged: true, pin: "right" },
    clock: { nowMs: atMs, floorMs: atMs, quality: "synced" },
    subject: facts.subject,
    companions,
    resource: facts.resource,
    schedules: facts.schedules,
    live: { ...favourableLive(atMs), lockouts: lockouts.map(({ kind }) => kind) },
    mode: "normal",
    nodeAuthorised: true,
    where: { place: "hub" },
  });
  return decision.outcome === "deny" ? decision.reason : null;
}

/** Did the cause of the refusal hold at that moment already? */
function heldThen({ db }: CommandContext, code: Code, member: number, card: Card, atMs: number): boolean {
  if (code === "CREDENTIAL_REVOKED") return card.sinceMs <= atMs;
  if (code === "LOCKED_OUT" || code === "OUT_OF_ORDER" || code === "DEVICE_FAULT" || code === "DEVICE_TAMPER") return true;
  if (code === "HOLD_ACTIVE" || code === "RESTRICTED_HERE") {
    const row = db.one<{ sinceMs: number | null }>(
      "SELECT min(at_ms) AS sinceMs FROM blocks WHERE member = ? AND cleared_ms IS NULL AND (place IS NULL) = ?",
      member,
      code === "HOLD_ACTIVE" ? 1 : 0,
    );
    return row !== undefined && row.sinceMs !== null && row.sinceMs <= atMs;
  }
  const later = db.one(
    `SELECT 1 FROM audit WHERE n > (SELECT max(n) FROM audit) - ${auditRows} AND at_ms > ?
       AND (target NOT LIKE 'member %' OR target = ?) AND action NOT IN (SELECT value FROM json_each(?)) LIMIT 1`,
    atMs,
    `member ${member}`,
    JSON.stringify(changesNothing),
  );
  return later === undefined;
}
