import { expect, test } from "vitest";
import { needRows } from "../../dashboards/app/now/needs.ts";
import type { Need } from "../../dashboards/app/staff/wire.ts";
import { liveSnapshot } from "../../dashboards/shared/wire.ts";
import { aBuilding, aDoor, aFeedItem, aMachine, aNode, startMs } from "../support/views.ts";

const need = (given: Partial<Need>): Need => ({
  id: "n",
  kind: "reported",
  atMs: startMs,
  where: { id: "saw-1", label: "Band saw" },
  who: null,
  reason: null,
  count: 1,
  note: null,
  row: 4,
  ...given,
});
const quiet = { doors: [aDoor()], machines: [aMachine()], nodes: [aNode()], feed: [], sessions: [] };
const live = (given: object) => liveSnapshot.parse({ ...aBuilding(), ...quiet, ...given });
const titles = (given: object, waiting: Need[] = []) => needRows(live(given), waiting, startMs).map(({ title }) => title);

test("a quiet building needs nobody", () => {
  expect(titles({})).toEqual([]);
});

test("what is most urgent stands first, whichever way it came", () => {
  const troubled = {
    doors: [aDoor({ status: "held" })],
    machines: [aMachine({ status: "fault" })],
    nodes: [aNode({ status: "offline" })],
    feed: [aFeedItem({ kind: "duress" })],
  };
  const waiting = [
    need({ id: "b", kind: "booking" }),
    need({ id: "j", kind: "job_done" }),
    need({ id: "c", kind: "unknown_card" }),
    need({}),
  ];
  expect(titles(troubled, waiting)).toEqual([
    "need.duress",
    "need.fault",
    "need.held",
    "need.unknown_card",
    "need.reported",
    "need.offline",
    "need.booking",
    "need.job_done",
  ]);
});

test("no matter has more than two things to do, and an old silent alarm is over", () => {
  const kinds = ["reported", "check", "denied", "unknown_card", "job_done", "exception", "booking"] as const;
  const who = { member: 7, name: "Ada" };
  const rows = needRows(
    live({ doors: [aDoor({ status: "forced" })] }),
    kinds.map((kind) => need({ id: kind, kind, who })),
    startMs,
  );
  expect(rows).toHaveLength(8);
  for (const { id, actions } of rows) expect(actions.length, id).toBeLessThanOrEqual(2);
  expect(titles({ feed: [aFeedItem({ kind: "duress", atMs: startMs - 7_300_000 })] })).toEqual([]);
});

test("a node that is there with something wrong says what", () => {
  expect(needRows(live({ nodes: [aNode({ trouble: "Meter does not answer" })] }), [], startMs)).toMatchObject([
    { title: "need.trouble", note: "Meter does not answer", where: "Laser 1 box" },
  ]);
});
