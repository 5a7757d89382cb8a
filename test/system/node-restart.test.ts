/** A node without its hub, run from the launcher as the README says: it comes back each time its watchdog ends it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { openLedger } from "../../hub/ledger/ledger.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { furnishedFolder, site } from "../support/hub-process.ts";
import { openTerminal } from "../support/terminal.ts";
import { doorFolder } from "../support/test-node.ts";

let dir: string;
let path: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-restart-"));
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addNode({ node: "door-1", kind: "door" }, "cli:test");
    await change.addDoor({ door: "front", node: "door-1", ch: "door", label: "Front", failMode: "secure" }, "cli:test");
  });
  const ledger = await openLedger({ dir, site, tz: "Europe/Riga", role: "tool" }, { clock: systemClock, log: systemLog("error") });
  path = await doorFolder(folder, ledger, "door-1"); // its hub is never started
  await ledger.close();
  const config = parse(await readFile(path, "utf8")) as Record<string, unknown>;
  await writeFile(path, stringify({ ...config, logLevel: "info", times: { watchdogMs: 1000 } }));
}, 60_000);
afterAll(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

test("what its watchdog ends is started anew, and a person ends it for good", async () => {
  const terminal = openTerminal(dir, ["node", "run", "--config", path]);
  await terminal.shows(/("the node ends","code":75[\s\S]*){2}|("code":75[^\n]*"the node ends"[\s\S]*){2}/, 60_000);
  terminal.press("ctrl-c");
  expect([0, 130]).toContain(await terminal.ended(15_000)); // 130: it had no time yet to listen for the key
  expect(terminal.text()).not.toMatch(/"level":"error"/);
});
