/**
 * Accounts of foreign devices. They live and end with the node that is hosted behind them: when it is let in they are open, else closed,
 * whoever said so and however; the audit names each (hub/foreign.ts does it).
 */
import { appendAudit } from "./audit.ts";
import type { CommandContext } from "./commands.ts";

/** Changes a node's status, and notes what that does to its devices' accounts. */
export function setStatus(context: CommandContext, node: string, status: string): void {
  const { db } = context;
  const before = db.one<{ status: string }>("SELECT status FROM nodes WHERE node = ?", node);
  db.run("UPDATE nodes SET status = ? WHERE node = ?", status, node);
  const [was, is] = [before?.status === "active", status === "active"];
  if (was !== is) noteAccounts(context, node, is);
}

export function noteAccounts({ db, nowMs, actor }: CommandContext, node: string, isOpen: boolean): void {
  const row = db.one<{ accounts: string }>("SELECT accounts FROM nodes WHERE node = ?", node);
  for (const account of JSON.parse(row?.accounts ?? "[]") as string[]) {
    const action = isOpen ? "openDeviceAccount" : "closeDeviceAccount";
    appendAudit(db, { atMs: nowMs, actor, action, target: `account ${account}`, detail: JSON.stringify({ node }) });
  }
}
