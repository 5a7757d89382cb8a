/** A door behind esp-rfid, which opens by its own list: who may come in is on it, who may not is off it, and what is not confirmed is said. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EspRfidDoor, hangEspRfid } from "../../simulators/foreign/esp-rfid.ts";
import { by, deviceRow, type HostedSpace, openHostedSpace, password, pause, until } from "../support/hosted-space.ts";

const [ada, stranger, former] = ["04a23b14", "94d8fc5f", "ba839d07"] as const;
let space: HostedSpace;
let door: EspRfidDoor;

beforeAll(async () => {
  space = await openHostedSpace({
    async furnish({ change }) {
      await change.addPlan({ plan: "member", label: "Member", always: true }, by);
      await change.addNode({ node: "esp-door", kind: "hosted", label: "Front" }, by);
      await change.addDoor({ door: "front", node: "esp-door", ch: "door", label: "Front", failMode: "secure" }, by);
      const { member } = await change.addMember({ displayName: "Ada" }, by);
      await change.assignCard({ member, card: { number: `iso14443a:${ada.toUpperCase()}` }, label: "fob" }, by);
      await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
    },
    files: [
      {
        ...{ node: "esp-door", kind: "door", ch: "door", permit: "hold", deadManS: 300 },
        devices: [deviceRow({ account: "esp-door", family: "esp-rfid", name: "esp-door", parts: ["door"] })],
      },
    ],
  });
  door = hangEspRfid({ url: space.url, topic: "esp-door", username: "esp-door", password, ip: "192.168.1.50" });
  door.putUser(former);
  await isThere();
  await pause(1500);
}, 60_000);

afterAll(async () => {
  await door?.close();
  await space?.close();
});

const isThere = () =>
  until("the node to be there", () =>
    space
      .stack()
      .hub.live.nodes()
      .some(({ status }) => status === "online"),
  );
const entries = (): number => space.kinds("esp-door").filter((kind) => kind === "door.granted").length;

const boards = (): string =>
  JSON.stringify(
    space
      .stack()
      .hub.live.nodes()
      .map((node) => node),
  );

test("whoever was on the door's list and is nobody's member any more is taken off it", async () => {
  await until("the former user to go", () => !door.users().includes(former));
});

test("a member is let in by the hub's word, and from then on by the door alone, also without the network; a stranger by neither", async () => {
  expect(door.card(stranger)).toBe(false);
  expect(door.card(ada)).toBe(false);
  await until("the door", () => door.isUnlocked());
  await until("its list", () => door.users().includes(ada));
  expect(door.users()).toEqual([ada]);
  await until("the entry", () => space.kinds("esp-door").includes("door.granted"));
  door.loseNetwork(500);
  expect(door.card(ada)).toBe(true);
  await pause(1000);
});

test("what the door tells twice is one entry", async () => {
  const before = entries();
  expect(door.card(ada, 2)).toBe(true);
  await until("the entry", () => entries() > before);
  await pause(1500);
  expect(entries()).toBe(before + 1);
});

test("host, hub and door begin anew, one after the other: the list stays, nobody new is let in, and entries go on", async () => {
  await space.host().stop();
  expect(door.card(ada)).toBe(true);
  expect(door.card(stranger)).toBe(false);
  await space.startHost();
  await isThere();
  await space.stopHub();
  expect(door.card(ada)).toBe(true);
  await space.startHub();
  await isThere();
  door.loseNetwork(300);
  await pause(1500);
  expect(door.users()).toEqual([ada]);
  const before = entries();
  expect(door.card(ada)).toBe(true);
  await until("the entry", () => entries() === before + 1);
  door.card(stranger);
  await pause(1000);
  expect(door.users()).toEqual([ada]);
  expect(entries()).toBe(before + 1);
}, 60_000);

test("a card that is blocked leaves the list as soon as the door confirms it; until then that is said", async () => {
  door.deafen(true);
  await space.ledger().change.blockCard({ card: { number: `iso14443a:${ada.toUpperCase()}` }, status: "lost", reason: "bus" }, by);
  await until("the word of it", () => boards().includes("NOT confirmed"), 15_000);
  expect(door.users()).toEqual([ada]);
  door.deafen(false);
  await until("the door's word", () => door.users().length === 0);
  expect(door.card(ada)).toBe(false);
  await until("calm", () => !boards().includes("NOT confirmed"), 15_000);
}, 60_000);

test("whose membership ends while the door is away is off its list as soon as it is back", async () => {
  const { change } = space.ledger();
  const { member } = await change.addMember({ displayName: "Bo" }, by);
  await change.assignCard({ member, card: { number: `iso14443a:${stranger.toUpperCase()}` }, label: "fob" }, by);
  await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
  await until("the door to let Bo in", () => {
    door.card(stranger);
    return door.users().includes(stranger);
  });
  door.loseNetwork(2500);
  await change.endMembership({ member, lastDay: "2026-01-31" }, by);
  await pause(1000);
  expect(door.users()).toEqual([stranger]);
  await until("the list", () => door.users().length === 0, 20_000);
  expect(door.card(stranger)).toBe(false);
}, 60_000);
