/** What the app remembers of the ledger is forgotten as soon as something is recorded, whoever recorded it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { ledgerPort } from "../../../hub/ledger-port.ts";
import { aLedger, realClock, temporaryDir } from "../../support/ledger.ts";

const actor = "cli:test";
let ledger: Ledger;
let folder: ReturnType<typeof temporaryDir>;

beforeEach(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir);
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

it("names and nodes are as they are now, though no snapshot changes with them", async () => {
  const { registry } = ledgerPort(ledger);
  const { member } = await ledger.change.addMember({ displayName: "Ada" }, actor);
  await ledger.change.addNode({ node: "door-node", kind: "door" }, actor);
  const seen = () => [registry.memberName(member), ...registry.nodes().map(({ status }) => status)];
  expect(seen()).toEqual(["Ada", "active"]);
  await ledger.change.setMember({ member, displayName: "Ada Ozola" }, actor);
  await ledger.change.setNode({ node: "door-node", status: "quarantined" }, actor);
  expect(seen()).toEqual(["Ada Ozola", "quarantined"]);

  const terminal = await aLedger(folder.dir, { role: "tool" });
  await terminal.change.setNode({ node: "door-node", status: "active" }, actor);
  await terminal.close();
  await expect.poll(() => seen()[1], { timeout: 2000 }).toBe("active");
});

it("a mode that a terminal sets is told once, also when a command of the hub comes before the hub has looked", async () => {
  await ledger.close();
  let look = () => {};
  const everyTime = (_name: string, _periodMs: number, run: () => void) => {
    look = run;
    return () => {};
  };
  ledger = await aLedger(folder.dir, {}, { ...realClock, every: everyTime });
  const told: string[] = [];
  ledger.onChange((change) => {
    if (change.kind === "mode") told.push(change.mode);
  });
  const terminal = await aLedger(folder.dir, { role: "tool" });
  await terminal.change.setMode({ mode: "lockdown", reason: "drill" }, actor);
  await ledger.change.addMember({ displayName: "Ada" }, actor);
  expect(told).toEqual(["lockdown"]);
  await terminal.change.setMode({ mode: "normal", reason: "over" }, actor);
  await terminal.close();
  look();
  look();
  expect(told).toEqual(["lockdown", "normal"]);
  await ledger.change.setMode({ mode: "evacuate", reason: "smoke" }, actor);
  look();
  expect(told).toEqual(["lockdown", "normal", "evacuate"]);
});
