/** The simulated building on a real hub as somebody sees it who is owner and member: for walks over every page. */
import { setTimeout as pause } from "node:timers/promises";
import { configSchema } from "../../hub/config.ts";
import { boards } from "../../hub/ledger/inputs-screens.ts";
import { type RunningHub, startHub } from "../../hub/start.ts";
import { systemClock, systemIds, systemLog } from "../../hub/system.ts";
import { startBuilding } from "../../simulators/demo.ts";

const owner = { mail: "shown@example.org", password: "a long enough password", name: "Ilze Owner" };
const onlineLimitMs = 120_000;
/** for the building to have been used a little */
const useMs = 5000;

export type ShownSpace = {
  readonly hub: RunningHub;
  /** something that exists for each part of a page's address */
  readonly examples: Readonly<Record<string, string>>;
  /** addresses of a wall for each board */
  readonly walls: readonly string[];
  cookie(): Promise<string>;
  close(): Promise<void>;
};

export async function openShownSpace(dir: string, seed: number): Promise<ShownSpace> {
  const hub = await startHub({
    ...{ dir, clock: systemClock, ids: systemIds, log: systemLog("error"), version: "test" },
    config: configSchema.parse({ site: "shown", http: { port: 0 }, mqtt: { tlsPort: 0 } }),
    space: "building",
    makeBuilding: (given) => startBuilding({ ...given, seed, tempo: 1 }),
    markSimulated: () => undefined,
  });
  const until = performance.now() + onlineLimitMs;
  while (!hub.stack.hub.live.nodes().every(({ status }) => status === "online")) {
    if (performance.now() > until) throw new Error("the nodes of the building are not online");
    await pause(100);
  }
  await pause(useMs);
  return { hub, ...(await furnishShown(hub)), close: () => hub.stop() };
}

/** Makes the account, which is somebody of the building's too, and a wall for each board. */
export async function furnishShown(hub: RunningHub): Promise<Omit<ShownSpace, "hub" | "close">> {
  const [somebody] = hub.stack.ledger.read.members({});
  const member = somebody?.member ?? 1;
  await hub.auth.createUser({ ...owner, role: "owner", member });
  await hub.stack.ledger.change.setProject(
    { project: "tools", label: "Tools for all", funder: "LEADER", from: "2026-01-01", through: "2027-12-31" },
    "cli:test",
  );
  const walls: string[] = [];
  for (const board of boards) {
    const made = await hub.stack.ledger.change.addScreen(
      { screen: `shown-${board}`, boards: [board], languages: ["en", "lv", "sv", "nb"], untilMs: Date.now() + 86_400_000 },
      "cli:test",
    );
    walls.push(`/wall/shown-${board}?token=${made.token}`);
  }
  let cookie: string | undefined;
  return {
    examples: {
      "machines:id": "laser-1",
      "doors:id": "front-door",
      member: String(member),
      month: new Date().toISOString().slice(0, 7),
      number: "M01~laser-1",
      project: "tools",
    },
    walls,
    async cookie() {
      cookie ??= ((await hub.auth.signIn(owner))?.setCookies ?? [])[0]?.split(";")[0] ?? "";
      return cookie;
    },
  };
}
