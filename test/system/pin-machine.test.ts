/**
 * A card and a PIN at a machine that wants both: the node's own program as its service starts it, the hub beside it, the keypad on its
 * real wires; an OSDP reader in its secure channel, and a Wiegand reader behind the board.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger } from "../../hub/ledger/types.ts";
import { openTestLedger } from "../support/hub-process.ts";
import { slowdown } from "../support/slowdown.ts";
import { startWiredMachine, type WiredMachine } from "../support/wired-machine.ts";
import type { ReaderKind } from "../support/wired-reader.ts";

const by = "cli:test";
const pin = "271828";
const duressPin = "828182";
/** from the last key to staff, as the design promises */
const alarmMs = 2_000;
const [ada, bo] = ["24/34924", "24/34925"];
const penaltyMs = 2_000;
/** A keypad's reader tells a card once: it counts again as soon as it is told again. */
const settings = { penaltyMs, startGuardMs: 0, chatterMs: 0, readerSameCardMs: 0, readerLostMs: 100 };

async function people({ change }: Ledger): Promise<void> {
  for (const [displayName, card] of [
    ["Ada", ada],
    ["Bo", bo],
  ] as const) {
    const { member } = await change.addMember({ displayName }, by);
    await change.assignCard({ member, card: { number: `w26:0${card}` } }, by);
    await change.setMembership({ member, plan: "member", from: "2025-01-01" }, by);
    if (displayName !== "Ada") continue;
    await change.setPin({ member, pin }, by);
    await change.setDuressPin({ member, pin: duressPin }, by);
  }
}

/** Where the telephone of a member of staff would be. */
async function phone() {
  const rings: { readonly atMs: number; readonly title: string }[] = [];
  const server = createServer((request, response) => {
    rings.push({ atMs: performance.now(), title: String(request.headers.title) });
    request.resume();
    response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { rings, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

describe.each<ReaderKind>(["osdp", "wiegand"])("a machine with a keypad, %s", (reader) => {
  let laser: WiredMachine;
  beforeAll(async () => {
    laser = await startWiredMachine({ reader, display: true, assurance: 2, settings, furnish: people });
    laser.startNode();
  }, 60_000);
  afterAll(() => laser?.close());

  const sees = (...lines: string[]) => expect.poll(() => laser.seen(), { timeout: 20_000, interval: 10 }).toEqual(lines);
  const isPermitted = () => laser.machine.isPermitted();
  const typeInVain = async () => {
    await laser.type(`${pin}#`);
    await pause(500);
    expect(isPermitted()).toBe(false);
  };

  it("starts for the right PIN, tells who has none, and what to do after a wrong one", { timeout: 60_000 }, async () => {
    await sees("Laser", "Tap your card");
    await pause(1_200); // cards that lay there at the start are past
    await laser.tap(bo);
    await sees("Please wait", "PIN or secure card");
    await typeInVain();

    await laser.tap(ada);
    await laser.type("1111#");
    await sees("No access", "Wrong PIN");
    expect(isPermitted()).toBe(false);
    await sees("Try once more.", "");
    await laser.type(`9*${pin}#`);
    await expect.poll(isPermitted, { timeout: 5_000 }).toBe(true);
    await sees("Welcome", "Ready for you");
    await laser.tap(ada);
    await expect.poll(isPermitted, { timeout: 5_000 }).toBe(false);
    expect(await verdicts(laser)).toEqual(["deny FACTOR_REQUIRED", "pending FACTOR_REQUIRED", "deny FACTOR_WRONG", "grant GRANT"]);
  });

  if (reader !== "osdp") return; // what follows does not depend on the wires
  it("starts for the PIN that calls for help as for the other, and staff hear of it within two seconds", { timeout: 60_000 }, async () => {
    const desk = await phone();
    const ledger = await openTestLedger(laser.dir, "tool");
    const { member } = await ledger.change.addMember({ displayName: "Desk" }, by);
    await ledger.change.setRoles({ member, roles: ["staff"] }, by);
    await ledger.change.addNoticeChannel({ member, way: "post", address: desk.address }, by);
    /** everything that anybody at the machine can see or hear */
    const uses = async (typed: string) => {
      const from = laser.acted().length;
      const lines: string[] = [];
      const look = setInterval(() => {
        const now = laser.seen().join("|");
        if (lines.at(-1) !== now) lines.push(now);
      }, 5);
      await laser.tap(ada);
      await sees("Please wait", "PIN or secure card");
      const typedMs = performance.now();
      await laser.type(`${typed}#`);
      await expect.poll(isPermitted, { timeout: 5_000 }).toBe(true);
      await sees("Welcome", "Ready for you");
      await laser.tap(ada);
      await expect.poll(isPermitted, { timeout: 5_000 }).toBe(false);
      clearInterval(look);
      return { typedMs, acted: laser.acted().slice(from), lines: [...new Set(lines.filter((line) => whole.test(line)))] };
    };
    const [usual, forced] = [await uses(pin), await uses(duressPin)];
    expect([forced.acted, forced.lines]).toEqual([usual.acted, usual.lines]);
    expect(usual.acted.length).toBeGreaterThan(2);
    await expect.poll(() => desk.rings.map(({ title }) => title), { timeout: 20_000 }).toEqual(["Laser: silent alarm"]);
    const tookMs = (desk.rings[0]?.atMs ?? Number.NaN) - forced.typedMs;
    console.log(
      `silent alarm: ${tookMs.toFixed(0)} ms from the keys to the telephone of staff; ${forced.acted.length} signs of the reader alike`,
    );
    expect(tookMs).toBeLessThan(alarmMs * slowdown());
    const [raised, ...more] = ledger.read.events({ kinds: ["access.duress"], limit: 5 });
    expect([raised, more]).toMatchObject([{ node: "hub", ch: "machine", body: { node: "laser-node" } }, []]);
    await ledger.close();
    desk.close();
  });

  it("lets nobody guess on, and nobody in while no hub can check", { timeout: 60_000 }, async () => {
    await laser.tap(ada);
    await sees("Please wait", "PIN or secure card");
    for (const wrong of ["1111#", "2222#", "3333#"]) {
      await laser.type(wrong);
      await pause(500);
    }
    await laser.tap(ada);
    await sees("No access", "Wait 30 s");
    await typeInVain();

    await pause(penaltyMs);
    await laser.tap(ada);
    await sees("Please wait", "PIN or secure card");
    await laser.hub.kill();
    await laser.type(`${pin}#`);
    await sees("No access", "Not while offline");
    await sees("Try again later.", "");
    await laser.tap(ada); // and nobody is let type one in vain
    await sees("No access", "Not while offline");
    await typeInVain();
  });
});

/** what the display shows when it is not being written */
const whole = /^(Please wait\|PIN or secure card|Welcome\|Ready for you)$/;

/** What was answered to whoever wanted to start, in order, as the node has told it. */
async function verdicts(laser: WiredMachine): Promise<string[]> {
  const ledger = await laser.openLedger();
  const events = ledger.read.events({ kinds: ["access.decided"], limit: 50 }).filter(({ node }) => node !== "hub");
  await ledger.close();
  return events
    .reverse()
    .flatMap(({ body }) => (body.kind === "access.decided" && body.request === "start" ? [`${body.outcome} ${body.reason}`] : []));
}
