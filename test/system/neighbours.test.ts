/** What a running hub tells its neighbours: off at first, true when it is on, and never a name. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseSpaceApi } from "../../hub/hosted/space-api.ts";
import { furnishedFolder, type HubFolder, type HubProcess, startHubProcess } from "../support/hub-process.ts";

const paths = ["/spaceapi.json", "/metrics", "/calendar.ics"] as const;
let dir: string;
let folder: HubFolder;
let hub: HubProcess;
const get = async (path: string): Promise<{ status: number; text: string; cors: string | null }> => {
  const answer = await fetch(`${hub.url}${path}`, { signal: AbortSignal.timeout(10_000) });
  return { status: answer.status, text: await answer.text(), cors: answer.headers.get("access-control-allow-origin") };
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-neighbours-"));
  folder = await furnishedFolder(dir, async ({ change }) => {
    const always = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 480, endMin: 1320 }));
    await change.addSchedule({ schedule: "daily", hours: { intervals: always, special: [] } }, "cli:test");
    await change.setSite({ name: "Koprades darbnīca", openingHours: "daily" }, "cli:test");
    await change.addMember({ displayName: "Zelma Zeltiņa" }, "cli:test");
    await change.addNode({ node: "node-1", kind: "door" }, "cli:test");
    await change.addDoor({ door: "front", node: "node-1", ch: "door", label: "Front", failMode: "secure" }, "cli:test");
    const soon = Date.now() + 3_600_000;
    await change.addClass({ class: "night", label: "Night class", fromMs: soon, untilMs: soon + 3_600_000, places: ["front"] }, "cli:test");
  });
  hub = await startHubProcess(folder);
}, 120_000);
afterAll(async () => {
  await hub.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

test("nothing is told before the space wants it, and where to switch it on is said", async () => {
  for (const path of paths) {
    const { status, text } = await get(path);
    expect([status, text], path).toEqual([404, expect.stringContaining("Switch it on in koprade.yaml: neighbours.")]);
  }
});

test("each is told when it is switched on: valid, open to other pages, without a name", async () => {
  await hub.stop();
  const spaceApi = { url: "https://example.org", logo: "https://example.org/logo.svg", email: "info@example.org", sensors: true };
  await writeFile(join(dir, "koprade.yaml"), stringify({ neighbours: { spaceApi, metrics: true, calendar: true } }));
  hub = await startHubProcess(folder);
  const [space, metrics, calendar] = await Promise.all(paths.map(get));
  for (const told of [space, metrics, calendar]) expect(told).toMatchObject({ status: 200, cors: "*" });
  expect(parseSpaceApi(space?.text ?? "")?.valid["15"]).toBe(true);
  expect(JSON.parse(space?.text ?? "")).toMatchObject({
    space: "Koprades darbnīca",
    state: { open: expect.any(Boolean) },
    sensors: { total_member_count: [{ value: 1 }] },
  });
  expect(metrics?.text).toContain('koprade_node_up{node="node-1"} 0');
  expect(metrics?.text).toMatch(/^koprade_build_info\{version="[\d.]+[^"]*"\} 1$/m);
  expect(calendar?.text).toContain("SUMMARY:Night class");
  expect((calendar?.text.match(/UID:open-/g) ?? []).length, "three months of opening hours").toBeGreaterThan(80);
  expect([space, metrics, calendar].map((told) => told?.text).join()).not.toContain("Zelma");
});
