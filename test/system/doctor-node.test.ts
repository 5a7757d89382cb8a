/** `koprade doctor --config node.yaml` on a whole node, broken in every way that it knows, one after the other. */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { personTerminal } from "../support/person-terminal.ts";
import { startWiredMachine, type WiredMachine } from "../support/wired-machine.ts";

let node: WiredMachine;
type Finding = { readonly check: string; readonly ok: boolean | null; readonly sentence: string; readonly fix: string };

/** One test for all of them: hub and cables are put up once. */
async function examine(config = node.configPath, aheadMs = 0): Promise<{ code: number; wrong: Finding[]; all: Finding[] }> {
  const at = personTerminal(node.dir, [], aheadMs);
  const code = await at.run("doctor", "--config", config, "--json");
  const all = JSON.parse(at.out()) as Finding[];
  return { code, wrong: all.filter(({ ok }) => ok === false), all };
}

beforeAll(async () => {
  node = await startWiredMachine();
});
afterAll(() => node.close());

/** The node's file with something else in it, beside the true one. */
function changedFile(change: (file: Record<string, object>) => void): string {
  const file = parse(readFileSync(node.configPath, "utf8"));
  change(file);
  const path = join(dirname(node.configPath), "changed.yaml");
  writeFileSync(path, stringify(file));
  return path;
}
const at = (name: string): string => join(dirname(node.configPath), name);
const text = ({ check, sentence }: Finding): string => `${check}: ${sentence}`;

it("finds what is wrong with a node, one line and one fix each, and leaves a node at work alone", { timeout: 180_000 }, async () => {
  const whole = await examine();
  expect([whole.wrong.map(text), whole.code]).toEqual([[], 0]);
  expect(whole.all.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      "configuration",
      "keys",
      "certificate authority",
      "clock",
      "program",
      "service",
      "board",
      "reader",
      "meter",
      "hub",
    ]),
  );

  const only = async (check: string, sentence: RegExp, fix: RegExp, config?: string, aheadMs = 0): Promise<void> => {
    const { code, wrong } = await examine(config, aheadMs);
    expect([code, wrong.map(text)]).toEqual([1, [expect.stringMatching(sentence)]]);
    expect(wrong[0]?.check).toBe(check);
    expect(wrong[0]?.fix).toMatch(fix);
  };
  await only("configuration", /there is no .*nowhere/, /node add/, at("nowhere.yaml"));
  await only(
    "configuration",
    /unknown field "hubb"/,
    /Correct/,
    changedFile((file) => Object.assign(file, { hubb: 1 })),
  );
  await only(
    "keys",
    /there is no .*other\.json/,
    /node renew/,
    changedFile((file) => Object.assign(file, { keysFile: "other.json" })),
  );
  chmodSync(at("node-keys.json"), 0o644);
  await only("keys", /other users may read/, /chmod 600/);
  chmodSync(at("node-keys.json"), 0o600);
  writeFileSync(at("torn.json"), '{"secret":', { mode: 0o600 });
  await only(
    "keys",
    /is damaged/,
    /node renew/,
    changedFile((file) => Object.assign(file, { keysFile: "torn.json" })),
  );
  const otherName = changedFile((file) => Object.assign(file.hub ?? {}, { url: "mqtts://nobody.invalid:8883" }));
  await only("hub", /nobody\.invalid is not known/, /address/, otherName);
  await only(
    "hub",
    /refuses/,
    /Start the hub/,
    changedFile((file) => Object.assign(file.hub ?? {}, { url: "mqtts://127.0.0.1:9" })),
  );
  copyFileSync(at("ca.pem"), at("true.pem"));
  const foreign = await loadSiteTls({ dir: join(node.dir, "foreign-ca"), site: "other", names: [], nowMs: Date.now() });
  writeFileSync(at("ca.pem"), foreign.caPem);
  await only("hub", /certificate does not fit/, /ca\.crt/);
  writeFileSync(at("ca.pem"), "nothing");
  expect((await examine()).wrong.map(({ check }) => check)).toContain("certificate authority");
  renameSync(at("true.pem"), at("ca.pem"));
  const early = await examine(node.configPath, Date.UTC(1970, 0, 2) - Date.now());
  expect(early.wrong.map(text)).toEqual([
    expect.stringMatching(/certificate authority: it begins later than now/),
    expect.stringMatching(/clock: it says 1970/),
  ]);
  await only(
    "data folder",
    /cannot be written/,
    /chown/,
    changedFile((file) => Object.assign(file, { dataFolder: "/proc/self" })),
  );
  mkdirSync(at("full/outbox"), { recursive: true });
  writeFileSync(at("full/outbox/00000001.log"), "00000000 {}\n".repeat(5001));
  writeFileSync(at("full/snapshot.kps"), "torn in two");
  const full = (await examine(changedFile((file) => Object.assign(file, { dataFolder: "full" })))).wrong.map(text);
  expect(full).toEqual([
    expect.stringMatching(/outbox: up to 5001 events/),
    expect.stringMatching(/permissions: .*snapshot\.kps is damaged/),
  ]);
  rmSync(at("full"), { recursive: true });

  const sitting = await node.openLedger();
  await sitting.change.setNode({ node: "laser-node", status: "revoked" }, "cli:test");
  await expect
    .poll(async () => (await examine()).wrong.map(text), { timeout: 10_000 })
    .toEqual([expect.stringMatching(/does not let laser-node in/)]);
  await sitting.change.setNode({ node: "laser-node", status: "active" }, "cli:test");
  await sitting.close();
  node.unplug("meter");
  await only("meter", /there is no|answers/, /Plug it in|mains/);
  node.plugIn("meter");
  const holder = spawn("bash", ["-c", 'exec 3<>"$0"; sleep 60', node.paths.board], { stdio: "ignore" });
  await pause(300);
  await only("board", /is held by process \d+ \(sleep/, /kill \d+/);
  holder.kill("SIGKILL");
  node.unplug("board");
  expect((await examine()).wrong.map(({ check }) => check)).toEqual(["board"]);
  node.plugIn("board");

  node.startNode();
  await expect
    .poll(async () => (await examine()).all.find(({ check }) => check === "hub")?.sentence, { timeout: 30_000 })
    .toContain("the node at work");
  const working = await examine();
  expect([working.wrong.map(text), working.all.find(({ check }) => check === "board")?.sentence]).toEqual([
    [],
    expect.stringContaining("in use by the node"),
  ]);
});
