/** What a lamp shows while it stands, is told something, and waits for a card; with a clock of its own. */
import { expect, it } from "vitest";
import { checkingMs, checkingOf, createLights, type LightSign, machineSignOf, signMs } from "../../../devices/kit/lights.ts";

function aLamp() {
  const shown: LightSign[] = [];
  let due: { readonly atMs: number; readonly run: () => void } | null = null;
  let nowMs = 0;
  const lights = createLights([{ show: (sign) => void shown.push(sign) }], (delayMs, run) => {
    const mine = { atMs: nowMs + delayMs, run };
    due = mine;
    return () => {
      if (due === mine) due = null;
    };
  });
  const pass = (ms: number): void => {
    nowMs += ms;
    if (due !== null && due.atMs <= nowMs) due.run();
  };
  return { lights, shown, pass, now: () => shown.at(-1) };
}

it("shows what was told for three seconds over a lamp that stays dark, and how it stands afterwards", () => {
  const { lights, now, pass } = aLamp();
  lights.tells("fast");
  lights.stands("off"); // refused: nothing is on, and that is no news
  expect(now()).toBe("fast");
  pass(signMs);
  expect(now()).toBe("off");
  lights.stands("on");
  lights.tells("fast"); // somebody else was refused
  lights.stands("on");
  expect(now()).toBe("fast");
  pass(signMs);
  expect(now()).toBe("on");
});

it("says at once that the place goes on, whatever was told before", () => {
  const { lights, now, pass } = aLamp();
  lights.tells("double");
  lights.stands("on");
  expect(now()).toBe("on");
  pass(signMs);
  expect(now()).toBe("on");
});

it("shows that a card is being asked until its answer, and not for ever when it was taken away", () => {
  const { lights, now, pass } = aLamp();
  lights.checks();
  expect(now()).toBe("slow");
  lights.stands("off");
  expect(now()).toBe("off");
  lights.checks();
  lights.tells("on");
  expect(now()).toBe("on");
  pass(checkingMs);
  expect(now()).toBe("on");
  lights.checks();
  pass(checkingMs);
  expect(now()).toBe("off");
});

it("ticks where there is a beeper alone, and is silent where something else can be seen", () => {
  const heard: string[] = [];
  const sounds = [undefined, { beep: (sign: string) => void heard.push(sign) }];
  const { lights, shown } = aLamp();
  checkingOf({ lamps: [], lights, screen: null, sounds })();
  expect([heard, shown]).toEqual([["seen"], []]);
  const said: unknown[] = [];
  checkingOf({ lamps: [{ show: () => undefined }], lights, screen: { say: (...words) => void said.push(words) }, sounds })();
  expect([heard, shown, said]).toEqual([["seen"], ["slow"], [["wait", checkingMs]]]);
});

it.each([
  ["FACTOR_REQUIRED", "double"],
  ["AWAIT_SUPERVISOR", "double"],
  ["TRAINING_MISSING", "fast"],
  ["GRANT", null],
  ["ended", null],
] as const)("a machine's lamp on %s: %s", (key, sign) => expect(machineSignOf(key)).toBe(sign));
