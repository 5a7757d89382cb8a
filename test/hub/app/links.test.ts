/** What a person, or the ledger, decides about a node, and what becomes of its live link. */
import { expect, test } from "vitest";
import type { Envelope, SiteSettings } from "#contract";
import { createLinks } from "../../../hub/app/links.ts";
import { createLive } from "../../../hub/app/live.ts";
import type { Bus, Registry } from "../../../hub/ports.ts";
import { keptLog, virtualClock } from "../../devices/kit/world.ts";

type Status = ReturnType<Registry["nodes"]>[number]["status"];

/** What the list of nodes says of one, over a broker of ours or of somebody else. */
function troubleOver(endsConnections: boolean, status: Status): string | null | undefined {
  const registry = {
    site: () => ({ epoch: 1, mode: "normal", modeVersion: 1, demo: false }),
    nodes: () => [{ node: "door-1", label: "", status }],
    resources: () => [],
    openSessions: () => [],
    recentEvents: () => [],
    exceptions: () => [],
  } as unknown as Registry;
  const bus = { drop() {} } as unknown as Bus;
  const clock = virtualClock();
  const links = createLinks({ registry, ledger: { cutOff: async () => {} }, bus, clock, log: keptLog(), onChange() {}, onCame() {} });
  return createLive({ registry, clock, links, energyToday: () => null, endsConnections }).nodes()[0]?.trouble;
}

test("a node that is cut off over somebody else's broker is said to be there still, unheard", () => {
  expect(troubleOver(true, "quarantined")).toMatch(/^Cut off: .*release\)\.$/);
  expect(troubleOver(false, "quarantined")).toMatch(/^Cut off: .*unheard: remove its account at your own broker\.$/);
  expect([troubleOver(true, "revoked"), troubleOver(false, "active"), troubleOver(false, "pending")]).toEqual([null, null, null]);
  expect(troubleOver(false, "revoked")).toMatch(/^It may still be connected, unheard/);
});

/** A desk that says how the node stands, and a disk that can be broken. */
function aDesk(settings: SiteSettings = {}) {
  const desk = { status: "active" as Status, isDiskBroken: false, cutOffs: 0, dropped: [] as string[] };
  const clock = virtualClock();
  const registry = {
    nodes: () => [{ node: "door-1", label: "", status: desk.status }],
    site: () => ({ settings }),
  } as unknown as Registry;
  const ledger = {
    async cutOff() {
      desk.cutOffs += 1;
      if (desk.isDiskBroken) throw new Error("disk I/O error");
      desk.status = "quarantined";
    },
  };
  const bus = { drop: (node: string) => void desk.dropped.push(node) } as unknown as Bus;
  const log = keptLog();
  const links = createLinks({ registry, ledger, bus, clock, log, onChange() {}, onCame() {} });
  links.step("door-1", { kind: "birth", boot: "b", conn: 1 });
  links.step("door-1", { kind: "applied" });
  links.step("door-1", { kind: "drained" });
  links.heard("door-1", { boot: "b", conn: 1 } as Envelope);
  return { desk, links, log, clock, kind: () => links.stateOf("door-1")?.kind };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a node that a person quarantines, or whose approval is taken back, is dropped at the next look", () => {
  for (const status of ["quarantined", "pending"] as const) {
    const { desk, links, kind } = aDesk();
    expect(kind()).toBe("online");
    desk.status = status;
    links.tick();
    expect([kind(), links.isShutOut("door-1"), links.linkOf("door-1"), desk.dropped]).toEqual([status, true, undefined, ["door-1"]]);
    desk.status = "active";
    links.tick();
    expect([kind(), links.isShutOut("door-1")]).toEqual(["offline", false]);
  }
});

test("a node counts as late and as lost after as long as the space has set", () => {
  const { links, clock, kind } = aDesk({ heartbeatMs: 20_000, suspectAfter: 2, lostAfter: 5 });
  for (const [passed, expected] of [
    [39_999, "online"],
    [1, "suspect"],
    [59_999, "suspect"],
    [1, "offline"],
  ] as const) {
    clock.advance(passed);
    links.tick();
    expect(kind()).toBe(expected);
  }
});

test("a cut-off that could not be kept is tried again until it is, and said once", async () => {
  const { desk, links, log, kind } = aDesk();
  desk.isDiskBroken = true;
  for (let i = 0; i < 3; i += 1) links.step("door-1", { kind: "offence", what: "rubbish" });
  for (let i = 0; i < 3; i += 1) {
    await settled();
    links.tick();
  }
  await settled();
  expect([kind(), desk.status, desk.cutOffs]).toEqual(["quarantined", "active", 4]);
  expect(log.lines.filter(({ sentence }) => sentence.includes("could not be kept")).length).toBe(1);
  desk.isDiskBroken = false;
  links.tick();
  await settled();
  links.tick();
  links.tick();
  expect([kind(), desk.status, desk.cutOffs]).toEqual(["quarantined", "quarantined", 5]);
});
