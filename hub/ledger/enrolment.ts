/** Commands by which nodes come and take each other's place (domain.md §5.7). Each runs inside one transaction. */
import { isReservedName, type KeyBox, type NodeIdentity, type NodeKeysMessage } from "#contract";
import type { CommandContext, Handlers } from "./commands.ts";
import { endValidOfNode } from "./commissioning.ts";
import type { Database } from "./database.ts";
import { setResource } from "./equipment.ts";
import { setStatus } from "./foreign-accounts.ts";
import { enrolWindowMs } from "./inputs-nodes.ts";
import { newSecret, nodeKeysOf, secretHash } from "./keys.ts";
import { numberMeta, readSite, setMeta } from "./meta.ts";
import { faceOf, sealBox } from "./offers.ts";
import { Refused } from "./refuse.ts";
import { need } from "./rows.ts";

/** An adopted node that has not come for its keys in a day is adopted anew. */
const offerMs = 86_400_000;

export const enrolment: Pick<Handlers, "openEnrolment" | "closeEnrolment" | "adoptNode" | "rekeyNode" | "confirmKeys" | "replaceNode"> = {
  openEnrolment({ db, nowMs }, { forMs }) {
    const untilMs = nowMs + forMs;
    setMeta(db, "enrol_until_ms", untilMs);
    return { untilMs };
  },

  closeEnrolment({ db }) {
    setMeta(db, "enrol_until_ms", null);
    return {};
  },

  adoptNode(context, input) {
    const { db, nowMs } = context;
    needWindow(context);
    needName(context, input);
    const { fp } = faceOf(input.publicKey);
    const taken = db.one<{ node: string }>("SELECT node FROM nodes WHERE enrol_key = ? AND node <> ?", input.publicKey, input.node);
    if (taken !== undefined)
      throw new Refused(
        "CONFLICT",
        `This node was adopted as ${taken.node} already.`,
        "Remove its keys, so that it makes new ones, or use it as that.",
      );
    const secret = newSecret();
    db.run(
      `INSERT INTO nodes (node, kind, label, status, secret_hash, added_ms, enrol_key) VALUES (?, ?, ?, 'active', ?, ?, ?)
       ON CONFLICT (node) DO UPDATE SET secret_hash = excluded.secret_hash, status = 'active', enrol_key = excluded.enrol_key,
         next_hash = NULL, next_serial = NULL, next_box = NULL`,
      input.node,
      input.kind,
      input.label,
      secretHash(secret),
      nowMs,
      input.publicKey,
    );
    // Another computer may be wired otherwise, whatever its file says; it tells its wiring when it starts (security.md R5).
    db.run("UPDATE nodes SET wiring = NULL WHERE node = ?", input.node);
    endValidOfNode(context, input.node, "another computer was put in its node's place");
    const { macSerial } = db.one<{ macSerial: number }>("SELECT mac_serial AS macSerial FROM nodes WHERE node = ?", input.node) ?? {
      macSerial: 0,
    };
    const box = boxFor(context, { ...input, macSerial }, secret, fp);
    db.run("DELETE FROM offers WHERE node = ? OR made_ms < ?", input.node, nowMs - offerMs);
    db.run("INSERT INTO offers (fp, node, box, made_ms) VALUES (?, ?, ?, ?)", fp, input.node, JSON.stringify(box), nowMs);
    for (const { resource, ch } of input.bind) bind(context, resource, input.node, ch);
    return { node: input.node, fp };
  },

  rekeyNode(context, { node, boxKey, ca }) {
    const { db } = context;
    need(context, "nodes", node);
    const row = db.one<{ status: string; serial: number; next: number | null }>(
      "SELECT status, mac_serial AS serial, next_serial AS next FROM nodes WHERE node = ?",
      node,
    );
    if (row?.status !== "active")
      throw new Refused("CONFLICT", `${node} is ${row?.status}, so it gets no keys.`, `Let it in first: \`koprade node release ${node}\`.`);
    const secret = newSecret();
    const macSerial = Math.max(row.serial, row.next ?? 0) + 1;
    const box = boxFor(context, { node, macSerial, publicKey: boxKey, ca }, secret, boxKey);
    db.run(
      "UPDATE nodes SET next_hash = ?, next_serial = ?, next_box = ? WHERE node = ?",
      secretHash(secret),
      macSerial,
      JSON.stringify({ ...box, boxKey }),
      node,
    );
    return {};
  },

  confirmKeys(context, { node }) {
    need(context, "nodes", node);
    const done = context.db.run(
      `UPDATE nodes SET secret_hash = next_hash, mac_serial = next_serial, next_hash = NULL, next_serial = NULL, next_box = NULL
       WHERE node = ? AND next_hash IS NOT NULL`,
      node,
    );
    if (done === 0) throw new Refused("CONFLICT", `No new keys wait for ${node}.`, `Give it some: \`koprade node rekey ${node}\`.`);
    return {};
  },

  replaceNode(context, { node, by, channels }) {
    const { db } = context;
    need(context, "nodes", node);
    const next = db.one<{ status: string }>("SELECT status FROM nodes WHERE node = ?", by);
    if (next === undefined) need(context, "nodes", by);
    if (node === by) throw new Refused("BAD_INPUT", "A node cannot take its own place.", "Name the new one, or give it new keys.");
    if (next?.status !== "active")
      throw new Refused(
        "CONFLICT",
        `${by} is ${next?.status}, so nothing of it would count.`,
        `Let it in first: \`koprade node release ${by}\`.`,
      );
    const rows = db.all<{ id: string; ch: string }>("SELECT id, ch FROM resources WHERE node = ? ORDER BY ch", node);
    const unknown = Object.keys(channels).find((ch) => rows.every((row) => row.ch !== ch));
    if (unknown !== undefined)
      throw new Refused("BAD_INPUT", `Nothing hangs on channel ${unknown} of ${node}.`, "`koprade node show` names its channels.");
    const moved = rows.map(({ id, ch }) => ({ resource: id, ch: channels[ch] ?? ch }));
    for (const { resource, ch } of moved) bind(context, resource, by, ch);
    setStatus(context, node, "revoked");
    return { moved };
  },
};

function needWindow({ db, nowMs }: CommandContext): void {
  if (windowUntilMs(db, nowMs) === null)
    throw new Refused("CONFLICT", "No new node is taken in now.", "Open the window first: `koprade node window open`.");
}

/** Until when new nodes may say hello; null when they may not. A clock that was set back opens nothing for longer than a window. */
export function windowUntilMs(db: Database, nowMs: number): number | null {
  const untilMs = numberMeta(db, "enrol_until_ms");
  return untilMs > nowMs && untilMs <= nowMs + enrolWindowMs ? untilMs : null;
}

/** The keys that wait for a newcomer; undefined when nobody has adopted it. */
export function readOffer(db: Database, fp: string, nowMs: number): { readonly node: string; readonly box: KeyBox } | undefined {
  const row = db.one<{ node: string; box: string }>(
    `SELECT o.node, o.box FROM offers o JOIN nodes n ON n.node = o.node
     WHERE o.fp = ? AND o.made_ms > ? AND n.status = 'active'`,
    fp,
    nowMs - offerMs,
  );
  return row === undefined ? undefined : { node: row.node, box: JSON.parse(row.box) };
}

export function readNextKeys(db: Database): ReadonlyMap<string, NodeKeysMessage> {
  const rows = db.all<{ node: string; box: string }>(
    "SELECT node, next_box AS box FROM nodes WHERE next_box IS NOT NULL AND status = 'active'",
  );
  return new Map(rows.map(({ node, box }) => [node, JSON.parse(box)]));
}

function needName({ db }: CommandContext, { node, again }: { readonly node: string; readonly again: boolean }): void {
  if (isReservedName(node))
    throw new Refused("BAD_INPUT", `A node cannot be called ${node}: the broker takes that for another role.`, "Choose another name.");
  const isThere = db.one("SELECT 1 FROM nodes WHERE node = ?", node) !== undefined;
  if (isThere && !again)
    throw new Refused(
      "ALREADY_EXISTS",
      `Node ${node} exists already.`,
      "Choose another name; or say --again, and it gets these keys instead of its old ones.",
    );
  if (again && !isThere) throw new Refused("NOT_FOUND", `There is no node ${node} to adopt again.`, "Leave --again out.");
}

type BoxGiven = { readonly node: string; readonly macSerial: number; readonly publicKey: string; readonly ca: string | null };

function boxFor(context: CommandContext, given: BoxGiven, secret: string, about: string): KeyBox {
  const { site, cardGeneration } = readSite(context.db);
  const { node, publicKey, ca } = given;
  const identity: NodeIdentity = { site, node, ...nodeKeysOf(context.keys, given, secret, cardGeneration), ca };
  try {
    return sealBox(publicKey, about, identity);
  } catch (error) {
    if (error instanceof Error) throw new Refused("BAD_INPUT", "publicKey: nothing can be encrypted to this key.", "Start the node anew.");
    throw error;
  }
}

function bind(context: CommandContext, resource: string, node: string, ch: string): void {
  const row = context.db.one<{ kind: "door" | "machine" }>("SELECT kind FROM resources WHERE id = ?", resource);
  if (row === undefined)
    throw new Refused(
      "NOT_FOUND",
      `There is no door or machine ${resource}.`,
      "Adopt the node without it, then add it: `koprade machine add`.",
    );
  setResource(context, row.kind, resource, { node, ch });
}
