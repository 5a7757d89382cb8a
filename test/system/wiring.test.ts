/** The guided wiring test on a whole machine: hub, node program, cables that are pulled, and a person at the terminal. */
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import type { World } from "../../hub/cli/world.ts";
import { runCli } from "../../hub/cli.ts";
import { systemClock } from "../../hub/system.ts";
import { adaCard, startWiredMachine, type WiredMachine } from "../support/wired-machine.ts";

/** Answers each prompt as it appears, with hands and with keys; null: says nothing. */
type Answer = (machine: WiredMachine) => string | null | Promise<string | null>;
const machine = await startWiredMachine();

function terminal(answers: readonly (readonly [prompt: RegExp, answer: Answer])[]) {
  const keys: string[] = [];
  let wake: () => void = () => undefined;
  let shown = "";
  let out = "";
  const world: World = {
    stdout(text) {
      out += text;
    },
    stderr(text) {
      shown += text;
      const found = answers.find(([prompt]) => prompt.test(text));
      if (found === undefined) return;
      void Promise.resolve(found[1](machine)).then((line) => {
        if (line !== null) keys.push(`${line}\n`);
        wake();
      });
    },
    async *stdin() {
      for (;;) {
        const key = keys.shift();
        if (key === undefined)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        else yield Buffer.from(key);
      }
    },
    ...{ env: { USER: "kim" }, cwd: machine.dir, isTty: true, clock: systemClock },
    startHub: async () => 1,
    startDemo: async () => 1,
    runNode: async () => 1,
  };
  return { run: (...words: string[]) => runCli([...words, "--data", machine.dir], world), shown: () => shown, out: () => out };
}

const does =
  (act: (machine: WiredMachine) => unknown): Answer =>
  async (given) => {
    await act(given);
    return null;
  };
const good: readonly (readonly [RegExp, Answer])[] = [
  [/Tap any card/, does(({ tap }) => tap("0F00AA5501"))],
  [
    /Start the machine/,
    does(({ machine: body }) => {
      body.pressStart();
      body.work(true);
    }),
  ],
  [
    /come to rest/,
    ({ machine: body }) => {
      body.pressStop();
      return "";
    },
  ],
  [/Pull the board/, does(({ unplug }) => unplug("board"))],
  [/Plug the board/, does(({ plugIn }) => plugIn("board"))],
  [/\[y\/n\]/, () => "y"],
];

it("is refused until it was tested; the test is right line by line, and then it is enabled", { timeout: 120_000 }, async () => {
  machine.startNode();
  const plain = terminal([]);
  await expect.poll(async () => (await terminal([]).run("node", "identify", "laser-node")) === 0, { timeout: 30_000 }).toBe(true);
  expect(await plain.run("wiring", "end", "laser", "--reason", "new contactor")).toBe(0);
  await pause(1500);
  await machine.tap(adaCard);
  await pause(1000);
  expect(machine.machine.isPermitted()).toBe(false);
  expect(await reasons()).toContain("NOT_COMMISSIONED");

  const at = terminal(good);
  const code = await at.run("wiring", "test", "laser", "--wait", "20", "--json");
  const said = JSON.parse(at.out());
  expect([code, said.outcome, said.lines.filter((line: { ok: boolean }) => line.ok !== true)], at.shown()).toEqual([0, "passed", []]);
  expect(said.lines.find((line: { check: string }) => line.check === "draws").found).toMatch(/^from 0\.\d W to \d{3}/);
  const shown = terminal([]);
  await shown.run("wiring", "show", "laser");
  expect(shown.out()).toMatch(/laser: tested, .* by cli:kim[\s\S]*✓ cable pulled[\s\S]*wiring: [0-9a-f]{16}/);

  await pause(6000);
  await machine.tap(adaCard);
  await expect.poll(() => machine.machine.isPermitted(), { timeout: 5000 }).toBe(true);
});

async function reasons(): Promise<string[]> {
  const ledger = await machine.ledger(machine.dir);
  const events = ledger.read.events({ kinds: ["access.decided"], limit: 50 });
  await ledger.close();
  return events.flatMap(({ body }) => (body.kind === "access.decided" ? [body.reason] : []));
}
