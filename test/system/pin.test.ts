/** A card and a PIN at a door that wants both: the real node program, the hub as a process of its own, its ledger. Only the keypad is played. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { furnishedFolder, type HubFolder, type HubProcess, site, startHubProcess } from "../support/hub-process.ts";
import { doorFolder, startDoor, type TestDoor } from "../support/test-node.ts";

const by = "cli:test";
const pin = "271828";
const [ada, bo] = ["em4100:0F00000001", "em4100:0F00000002"];
/** longer than a card must be away to count again */
const awayMs = 2_500;

let dir: string;
let folder: HubFolder;
let ledger: Ledger;
let hub: HubProcess;
let door: TestDoor;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-pin-"));
  folder = await furnishedFolder(dir, furnish);
  ledger = await openLedger({ dir, site, tz: "Europe/Riga", role: "tool" }, { clock: systemClock, log: systemLog("error") });
  const path = await doorFolder(folder, ledger, "door-1");
  hub = await startHubProcess(folder);
  door = startDoor(path);
  await vi.waitFor(() => expect(door.node.node.snapshots.current()).not.toBeNull(), 30_000);
  await pause(awayMs); // cards that lay there at the start are past
}, 120_000);
afterAll(async () => {
  await door?.stop();
  await ledger?.close();
  await hub?.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** more refusals than usual */
const settings = { penaltyTries: 50 };

async function furnish({ change: give }: Ledger): Promise<void> {
  await give.addPlan({ plan: "full", label: "Full" }, by);
  await give.addNode({ node: "door-1", kind: "door" }, by);
  await give.addDoor(
    { door: "vault", node: "door-1", ch: "door", label: "Vault", failMode: "safe", assurance: 2, strikeMs: 500, settings },
    by,
  );
  for (const [displayName, number] of [
    ["Ada", ada],
    ["Bo", bo],
  ] as const) {
    const { member } = await give.addMember({ displayName }, by);
    await give.setMembership({ member, plan: "full", from: "2024-01-01" }, by);
    await give.assignCard({ member, card: { number } }, by);
    if (displayName === "Ada") await give.setPin({ member, pin }, by);
  }
}

const locked = () => expect.poll(() => door.isReleased(), { timeout: 10_000 }).toBe(false);
const tap = async (number: string) => {
  await locked();
  await pause(awayMs);
  return door.tap(number);
};

test("a PIN opens after a card that needs one, and only then", async () => {
  expect(await tap(ada)).toMatchObject({ granted: false, said: "FACTOR_REQUIRED" });
  expect(await door.press(`12*${pin}#`)).toMatchObject({ granted: true });
  expect(await tap(bo)).toMatchObject({ granted: false, said: "FACTOR_REQUIRED" }); // who has none is told so, and asked for none
  door.type(`${pin}#`);
  await pause(500);
  expect(door.isReleased()).toBe(false);
});

test("three wrong ones end a tap; the hub lets nobody guess on over many taps", async () => {
  expect(await tap(ada)).toMatchObject({ said: "FACTOR_REQUIRED" });
  for (const wrong of ["1111#", "2222#", "3333#"]) expect(await door.press(wrong)).toMatchObject({ granted: false, said: "FACTOR_WRONG" });
  door.type(`${pin}#`);
  await pause(500);
  expect(door.isReleased()).toBe(false);
});

test("without the hub nothing can check a PIN, so it opens nothing; and it is written down nowhere", async () => {
  expect(await tap(ada)).toMatchObject({ said: "FACTOR_REQUIRED" });
  await hub.kill();
  await expect.poll(() => door.node.node.link.isHubReachable(), { timeout: 20_000 }).toBe(false);
  expect(await door.press(`${pin}#`)).toMatchObject({ granted: false });
  for (const name of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const bytes = await readFile(join(name.parentPath, name.name));
    expect(bytes.includes(pin), name.name).toBe(false);
  }
}, 120_000);
