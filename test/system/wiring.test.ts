/** The guided wiring test on a whole machine: hub, node program, cables that are pulled, and a person at the terminal. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answers, personTerminal } from "../support/person-terminal.ts";
import { adaCard, startWiredMachine, type WiredMachine } from "../support/wired-machine.ts";

let laser: WiredMachine;
beforeAll(async () => {
  laser = await startWiredMachine();
  laser.startNode();
});
afterAll(() => laser.close());

/** Does as told, and says yes to everything. */
const good: Answers = [
  [/Tap any card/, () => hands(() => laser.tap("0F00AA5501"))],
  [
    /Start the machine/,
    () =>
      hands(() => {
        laser.machine.pressStart();
        laser.machine.work(true);
      }),
  ],
  [
    /come to rest/,
    () => {
      laser.machine.pressStop();
      return "";
    },
  ],
  [/Pull the board/, () => hands(() => laser.unplug("board"))],
  [/Plug the board/, () => hands(() => laser.plugIn("board"))],
  [/\[y\/n\]/, () => "y"],
];
async function hands(act: () => unknown): Promise<null> {
  await act();
  return null;
}

it("is refused until it was tested line by line, and then enabled by a card", { timeout: 180_000 }, async () => {
  await expect.poll(() => personTerminal(laser.dir).run("node", "identify", "laser-node"), { timeout: 30_000 }).toBe(0);
  expect(await personTerminal(laser.dir).run("wiring", "end", "laser", "--reason", "new contactor")).toBe(0);
  await pause(1500);
  await laser.tap(adaCard);
  await expect.poll(reasons, { timeout: 5000 }).toContain("NOT_COMMISSIONED");
  expect(laser.machine.isPermitted()).toBe(false);

  const at = personTerminal(laser.dir, good);
  const code = await at.run("wiring", "test", "laser", "--wait", "30", "--json");
  const said = JSON.parse(at.out());
  expect([code, said.outcome, said.lines.filter((line: { ok: boolean }) => line.ok !== true)], at.shown()).toEqual([0, "passed", []]);
  expect(said.lines.find((line: { check: string }) => line.check === "draws").found).toMatch(/^from 0\.\d W to \d{3}/);
  const record = personTerminal(laser.dir);
  await record.run("wiring", "show", "laser");
  expect(record.out()).toMatch(/laser: tested, .* by cli:kim[\s\S]*✓ cable pulled[\s\S]*wiring: [0-9a-f]{16}/);

  await pause(5000); // a contactor rests between two permits
  await laser.tap(adaCard);
  await expect.poll(() => laser.machine.isPermitted(), { timeout: 5000 }).toBe(true);
});

async function reasons(): Promise<string[]> {
  const ledger = await laser.openLedger();
  const events = ledger.read.events({ kinds: ["access.decided"], limit: 50 });
  await ledger.close();
  return events.flatMap(({ body }) => (body.kind === "access.decided" ? [body.reason] : []));
}
