/**
 * A card and a PIN at a machine that wants both: the node's own program as its service starts it, the hub beside it, the keypad on its
 * real wires; an OSDP reader in its secure channel, and a Wiegand reader behind the board.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger } from "../../hub/ledger/types.ts";
import { startWiredMachine, type WiredMachine } from "../support/wired-machine.ts";
import type { ReaderKind } from "../support/wired-reader.ts";

const by = "cli:test";
const pin = "271828";
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
    if (displayName === "Ada") await change.setPin({ member, pin }, by);
  }
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

/** What was answered to whoever wanted to start, in order, as the node has told it. */
async function verdicts(laser: WiredMachine): Promise<string[]> {
  const ledger = await laser.openLedger();
  const events = ledger.read.events({ kinds: ["access.decided"], limit: 50 }).filter(({ node }) => node !== "hub");
  await ledger.close();
  return events
    .reverse()
    .flatMap(({ body }) => (body.kind === "access.decided" && body.request === "start" ? [`${body.outcome} ${body.reason}`] : []));
}
