/**
 * A space that has a broker already: the real hub as a client of a real mosquitto with our generated access list, and a real
 * door node that knows nothing but mosquitto's address. Snapshot, taps, ledger, acknowledgement, and mosquitto's own restart.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import * as z from "zod";
import { quantile } from "../bench/stats.ts";
import { furnishedFolder, type HubProcess, openTestLedger, site, startHubProcess } from "../support/hub-process.ts";
import { hub as account, type Mosquitto, startMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/terminal.ts";
import { doorFolder, startDoor, type TestDoor } from "../support/test-node.ts";

const taps = 20;
const cardOf = (index: number): string => `em4100:0F${(index + 1).toString(16).toUpperCase().padStart(8, "0")}`;
/** Every fifth card belongs to nobody. */
const isMember = (index: number): boolean => index % 5 !== 4;
const node = "door-1";
let dir: string;
let hub: HubProcess;
let door: TestDoor;
let mosquitto: Mosquitto;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-external-"));
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addPlan({ plan: "full", label: "Full", always: true }, "cli:test");
    const indices = Array.from({ length: taps + 1 }, (_, index) => index).filter(isMember);
    const rows = indices.map((index) => ({ displayName: `Person ${index}`, cards: [cardOf(index)], plan: "full", from: "2024-01-01" }));
    await change.importMembers({ rows }, "cli:test");
    await change.addNode({ node, kind: "door" }, "cli:test");
    await change.addDoor({ door: "front", node, ch: "door", label: "Front", failMode: "secure" }, "cli:test");
  });
  mosquitto = await startMosquitto({ site, accounts: [{ identity: { role: "node", id: node }, secret: "the door's own secret" }] });
  const { port, caPem } = mosquitto.endpoint;
  const ledger = await openTestLedger(dir);
  const config = await doorFolder({ ...folder, mqttPort: port, caPem: caPem ?? "" }, ledger, node);
  await ledger.close();
  // An external broker has its own list of accounts: whoever adopts the node gives it that secret.
  const keysPath = join(dirname(config), "node-keys.json");
  const keys = JSON.parse(await readFile(keysPath, "utf8")) as Record<string, unknown>;
  await writeFile(keysPath, JSON.stringify({ ...keys, secret: "the door's own secret" }));
  const external = { url: `mqtts://localhost:${port}`, username: account.username, password: account.secret, caFile: mosquitto.caFile };
  await writeFile(join(dir, "koprade.yaml"), stringify({ mqtt: { external } }));
  hub = await startHubProcess(folder);
  door = startDoor(config);
}, 180_000);

afterAll(async () => {
  await door?.stop();
  await hub?.kill();
  await mosquitto?.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const isWell = async (): Promise<boolean> => z.object({ ok: z.boolean() }).parse(await (await fetch(`${hub.url}/api/health`)).json()).ok;
const drained = (): boolean => door.node.node.outbox.depth() === 0;

test("through somebody else's mosquitto a door gets its snapshot, and its taps reach the ledger once", async () => {
  const snapshotMs = await until("the snapshot", () => door.node.node.snapshots.current() !== null, 60_000);
  await pause(2500);
  const released: number[] = [];
  const verdicts: boolean[] = [];
  for (let i = 0; i < taps; i += 1) {
    const { granted } = await door.tap(cardOf(i));
    verdicts.push(granted);
    released.push(await until("the acknowledgement", drained, 60_000));
  }
  expect(verdicts).toEqual(Array.from({ length: taps }, (_, i) => isMember(i)));

  // mosquitto keeps nothing over a restart: everything retained has to come again, from the hub and from the node.
  const awayFrom = performance.now();
  expect(await isWell()).toBe(true);
  await mosquitto.restart(() => vi.waitFor(async () => expect(await isWell()).toBe(false), { timeout: 60_000 }));
  expect((await door.tap(cardOf(taps))).granted).toBe(true);
  await until("the tap of the outage to be acknowledged", drained, 60_000);
  const backMs = performance.now() - awayFrom;
  expect(await hub.stop()).toBe(0);

  const ledger = await openTestLedger(dir);
  const decided = ledger.read.events({ node, kinds: ["access.decided"], limit: 100 });
  expect(decided.length).toBe(taps + 1);
  expect(decided.filter(({ body }) => body.kind === "access.decided" && body.outcome === "grant").length).toBe(taps * 0.8 + 1);
  expect(ledger.read.gaps()).toEqual([]);
  await ledger.close();
  console.log(
    `mosquitto: snapshot after ${snapshotMs.toFixed(0)} ms; verdict → committed and acknowledged p50 ${quantile(released, 0.5).toFixed(0)}, worst ${Math.max(...released).toFixed(0)} ms; mosquitto restarted: everything in the ledger after ${(backMs / 1000).toFixed(1)} s`,
  );
}, 180_000);
