/** What a node says of its own health beside what its parts tell: its signal, and whether it can do what it is configured for. */
import { expect, it } from "vitest";
import { type FactsHost, keepFacts } from "../../../devices/kit/kept-facts.ts";
import { configProblem } from "../../../devices/kit/node.ts";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { signalDbm } from "../../../devices/kit/signal.ts";
import { keptLog } from "./world.ts";

const heading = `Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
`;

it("reads the level of the strongest radio; without one it is wired", () => {
  expect(signalDbm(() => `${heading} wlan0: 0000   54.  -56.  -256        0      0      0      0     12        0\n`)).toBe(-56);
  expect(signalDbm(() => `${heading} wlan0: 0000   54.  -56.  -256  0 0 0 0 0 0\n wlan1: 0000 60. -49. -256 0 0 0 0 0 0\n`)).toBe(-49);
  expect(signalDbm(() => `${heading} wlan0: 0000   54.  195.  0  0 0 0 0 0 0\n`)).toBe(-61);
  for (const none of [heading, "", "rubbish\n\nwlan0: what is this\n", `${heading} wlan0: 0000 0. 0. 0 0 0 0 0 0 0\n`])
    expect(signalDbm(() => none)).toBeNull();
  const missing = () => {
    throw new Error("ENOENT");
  };
  expect(signalDbm(missing)).toBeNull();
});

const channels = [{ ch: "door", kind: "door" as const, can: [] }];
const config = (ch: string, settings: Record<string, number>, version = 3) => ({
  version,
  channels: [{ ch, resource: "front", settings }],
});

it("names the channel or the setting that it cannot do", () => {
  expect(configProblem(config("door", { preAlarmMs: 10_000 }), channels)).toBeNull();
  expect(configProblem(config("main", {}), channels)).toBe('front hangs on channel "main", and this node has "door"');
  expect(configProblem(config("door", { preAlarmMs: -1 }), channels)).toMatch(/^front: preAlarmMs: /);
  expect(configProblem(config("door", { newerThanThis: 1 }), channels)).toMatch(/newerThanThis: a door has no such setting/);
  expect(configProblem({ ...config("door", {}), settings: { heartbeatMs: 1 } }, channels)).toMatch(/^heartbeatMs: /);
  expect(configProblem(config("x".repeat(32), { [`${"y".repeat(40)}`]: 1 }), channels)?.length).toBeLessThanOrEqual(160);
});

it("says that it refused an older configuration until a newer one comes", () => {
  const host: FactsHost = { onFacts() {}, configProblem: () => null };
  const facts = keepFacts(createMemoryFiles(), keptLog(), host);
  expect(facts.configTrouble()).toBeNull();
  facts.takeConfig(config("door", {}, 12));
  facts.takeConfig(config("door", {}, 11));
  expect([facts.config()?.version, facts.configTrouble()]).toEqual([12, "v11 was refused: it is older than v12, which is in force"]);
  facts.takeConfig(config("door", {}, 13));
  expect([facts.config()?.version, facts.configTrouble()]).toEqual([13, null]);
});
