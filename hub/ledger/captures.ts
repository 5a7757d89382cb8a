/** A reader that waits for a new card: who asked for it and for whom, and the card that came (domain.md R30). */
import { captureMs } from "#core";
import { appendAudit } from "./audit.ts";
import type { CommandContext, Handlers } from "./commands.ts";
import { people } from "./people.ts";
import { Refused } from "./refuse.ts";
import { need, needMember } from "./rows.ts";
import type { StoredEvent } from "./types.ts";

/** The reader's window and this one begin a moment apart, and its clock is not quite the hub's. */
const slackMs = 3000;
/** A node that tells of a card later than this was away: nobody stands there any more, and its time is nobody's but its own. */
const toldMs = 60_000;

export const captures: Pick<Handlers, "openCapture"> = {
  /** Replaces what waits at the same reader: the last who asked gets the card. */
  openCapture({ db, nowMs, actor, ...rest }, input) {
    const context = { db, nowMs, actor, ...rest };
    needMember(context, input.member);
    if (input.resource !== null) need(context, "resources", input.resource);
    db.run("DELETE FROM captures WHERE until_ms < ?", nowMs - 86_400_000);
    db.run(
      "UPDATE captures SET refused = 'another card was asked for' WHERE card_key IS NULL AND refused IS NULL AND (?1 IS NULL OR resource IS NULL OR resource = ?1)",
      input.resource,
    );
    const untilMs = nowMs + captureMs;
    const capture = db.insert(
      "INSERT INTO captures (member, resource, label, at_ms, until_ms, by_actor) VALUES (?, ?, ?, ?, ?, ?)",
      input.member,
      input.resource,
      input.label,
      nowMs,
      untilMs,
      actor,
    );
    return { capture, untilMs };
  },
};

type Waiting = { readonly capture: number; readonly member: number; readonly label: string; readonly by: string };

/**
 * A reader has read the card that somebody waits for. True when it is somebody's now; a card that came for nobody is audited.
 * A card that has been somebody's, and was not given back, is given to nobody by a tap: it may be stolen.
 */
export function cardCaptured(context: CommandContext, event: StoredEvent, cardKey: string): boolean {
  const { db, nowMs } = context;
  const { node, ch, recvMs } = event;
  const waiting = db.one<Waiting>(
    // A card read a moment before this capture began was meant for the one that it took the reader from.
    `SELECT capture, member, label, by_actor AS by FROM captures c
     WHERE card_key IS NULL AND refused IS NULL AND until_ms + ${slackMs} >= ?1 AND until_ms + ${toldMs} >= ?4
       AND at_ms - ${slackMs} <= ?1 AND (at_ms <= ?1 OR NOT EXISTS (SELECT 1 FROM captures o WHERE o.capture < c.capture
         AND o.at_ms <= ?1 AND o.until_ms >= ?1 AND (o.resource IS NULL OR c.resource IS NULL OR o.resource = c.resource)))
       AND (resource IS NULL OR resource = (SELECT id FROM resources WHERE node = ?2 AND ch = ?3)) ORDER BY capture DESC LIMIT 1`,
    nowMs,
    node,
    ch,
    recvMs,
  );
  const by = { ...context, actor: waiting?.by ?? context.actor };
  try {
    if (waiting === undefined) throw new Refused("NOT_FOUND", "Nobody waits for a card there.");
    const known = db.one<{ member: number; status: string }>("SELECT member, status FROM cards WHERE card_key = ?", cardKey);
    if (known !== undefined && known.status !== "returned")
      throw new Refused("CONFLICT", `This card belongs to member ${known.member} (${known.status}).`, "Block it there as returned first.");
    const card = { member: waiting.member, card: { cardKey }, label: waiting.label, validFrom: null, validThrough: null };
    people.assignCard(by, card);
    db.run("UPDATE captures SET card_key = ? WHERE capture = ?", cardKey, waiting.capture);
    note(by, "assignCard", `member ${waiting.member}`, { capture: waiting.capture, cardKey, label: waiting.label });
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (waiting !== undefined) db.run("UPDATE captures SET refused = ? WHERE capture = ?", error.message, waiting.capture);
    note(by, "captureRefused", `node ${node}`, { cardKey, why: error.message });
    return false;
  }
}

function note({ db, nowMs, actor }: CommandContext, action: string, target: string, detail: object): void {
  appendAudit(db, { atMs: nowMs, actor, action, target, detail: JSON.stringify(detail) });
}
