/** What stands in the audit beside commands, who looked at whom, and two people who change the same thing. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, temporaryDir } from "../../support/ledger.ts";

let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" });
  for (const displayName of ["Ada", "Bo"]) await ledger.change.addMember({ displayName }, "cli:test");
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

it("keeps acts in the same chain, and changes no permission by them", async () => {
  const before = ledger.read.site().permissionVersion;
  await ledger.noteAct({ actor: "manager:x1", action: "setAccountRole", target: "account x2", detail: { role: "staff" } });
  expect(ledger.read.audit(1)[0]).toMatchObject({ actor: "manager:x1", action: "setAccountRole", detail: '{"role":"staff"}' });
  expect(ledger.read.site().permissionVersion).toBe(before);
  expect(ledger.read.brokenAudit()).toBeNull();
});

it("tells a member who looked at their page and why, page by page, and forgets it with them", async () => {
  for (const reason of ["lost card", "billing"]) await ledger.noteLookUp({ actor: "staff:x3", member: 1, what: "/api/people/:id", reason });
  await expect(ledger.noteLookUp({ actor: "staff:x3", member: 99, what: "x", reason: "y" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const [newest] = ledger.read.lookUps(1, { limit: 1 });
  expect(newest).toMatchObject({ actor: "staff:x3", reason: "billing" });
  expect(ledger.read.lookUps(1, { before: newest?.n ?? 0, limit: 9 })).toMatchObject([{ reason: "lost card" }]);
  expect(ledger.read.lookUps(2, { limit: 9 })).toEqual([]);
  expect(ledger.read.audit(1)[0]).toMatchObject({ action: "lookUp", target: "member 1", detail: '{"what":"/api/people/:id"}' });
  await ledger.change.eraseMember({ member: 1, reason: "asked" }, "cli:test");
  expect(ledger.read.lookUps(1, { limit: 9 })).toEqual([]);
});

it("refuses the second of two changes to the same thing, and says what the first was", async () => {
  const seen = ledger.read.versionOf("setMember", "member 2");
  expect(seen).toBe(0);
  const [first, second] = await Promise.allSettled([
    ledger.change.setMember({ member: 2, locale: "lv" }, "staff:x1", { ifVersion: seen }),
    ledger.change.setMember({ member: 2, locale: "sv" }, "staff:x2", { ifVersion: seen }),
  ]);
  expect(first.status).toBe("fulfilled");
  expect(second).toMatchObject({
    status: "rejected",
    reason: { code: "CHANGED_MEANWHILE", message: expect.stringContaining("staff:x1 has set") },
  });
  expect(ledger.read.member(2)?.locale).toBe("lv");
  await ledger.change.setMember({ member: 2, locale: "sv" }, "staff:x2", { ifVersion: ledger.read.versionOf("setMember", "member 2") });
  // What is done to somebody else, or in another way, is no change of this.
  await ledger.change.addMember({ displayName: "Cid" }, "cli:test");
  await ledger.change.setMember({ member: 2, locale: "nb" }, "staff:x1", { ifVersion: ledger.read.versionOf("setMember", "member 2") });
});
