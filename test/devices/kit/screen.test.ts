/** What a small display says and when, with a clock of its own; and what lamps and beepers of every kind are told. */
import { describe, expect, it } from "vitest";
import { code } from "#contract";
import { hints, idleText, locales, nextText, type SayKey } from "#core";
import type { OutputPort } from "../../../devices/drivers/board-ports.ts";
import { openLamp } from "../../../devices/drivers/lamp.ts";
import { lampOfInterlock, lampOutputs, lampSignOf } from "../../../devices/kit/node-wiring.ts";
import { createScreen, type IdleFacts, openScreen, pagesOf, wrap } from "../../../devices/kit/screen.ts";
import { idleKeyOf } from "../../../devices/machine/machine-facts.ts";

const laser: IdleFacts = { label: "Laser", key: "tap", locale: "en", nextStep: {} };

function played(given: Partial<Parameters<typeof createScreen>[0]> = {}) {
  const shown: (readonly string[])[] = [];
  let nowMs = 0;
  let timers: { atMs: number; run: () => void }[] = [];
  const screen = createScreen({
    ...{ columns: 20, rows: 2, name: "laser-node", language: undefined },
    show: (lines) => shown.push(lines),
    after(delayMs, run) {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    ...given,
  });
  const pass = (ms: number) => {
    const endMs = nowMs + ms;
    for (let due = earliest(); due !== undefined && due.atMs <= endMs; due = earliest()) {
      nowMs = due.atMs;
      timers = timers.filter((each) => each !== due);
      due.run();
    }
    nowMs = endMs;
  };
  const earliest = () => timers.toSorted((a, b) => a.atMs - b.atMs)[0];
  return { screen, shown, pass, now: () => shown.at(-1), timers: () => timers.length };
}

describe("a small display", () => {
  it("shows its name until the hub gives it one, then name and state", () => {
    const { screen, now, shown } = played();
    expect(now()).toEqual(["laser-node", "Please wait"]);
    screen.idle(laser);
    expect(now()).toEqual(["Laser", "Tap your card"]);
    screen.idle({ ...laser, nextStep: {} });
    expect(shown).toHaveLength(2);
    screen.idle({ ...laser, key: "IN_USE" });
    expect(now()).toEqual(["Laser", "In use"]);
  });

  it("says why, then what to do next, by turns, and is idle again after a while, in the state of then", () => {
    const { screen, now, pass, timers } = played();
    screen.idle(laser);
    screen.say("TRAINING_MISSING");
    expect(now()).toEqual(["No access", "Training needed"]);
    pass(2500);
    expect(now()).toEqual(["Book the", "introduction."]);
    screen.idle({ ...laser, key: "DEVICE_FAULT" });
    pass(2500);
    expect(now()).toEqual(["No access", "Training needed"]);
    pass(3000);
    expect(now()).toEqual(["Laser", idleText("DEVICE_FAULT", "en")]);
    expect(timers()).toBe(0);
  });

  it("gives the last word its whole time", () => {
    const { screen, now, pass } = played();
    screen.idle(laser);
    screen.say("UNKNOWN_CREDENTIAL");
    pass(7000);
    screen.say("granted");
    expect(now()).toEqual(["Welcome", "Ready for you"]);
    pass(7999);
    expect(now()).toEqual(["Welcome", "Ready for you"]);
    pass(1);
    expect(now()).toEqual(["Laser", "Tap your card"]);
  });

  it("speaks the language of its file, else the space's; the resource's own next step wins", () => {
    const next = { TRAINING_MISSING: { lv: "Zvaniet Jānim.", en: "Ring Janis." } };
    const own = played({ language: "lv" });
    own.screen.idle({ ...laser, locale: "sv", nextStep: next });
    expect(own.now()?.[1]).toBe(idleText("tap", "lv"));
    own.screen.say("TRAINING_MISSING");
    own.pass(2500);
    expect(own.now()).toEqual(["Zvaniet Jānim."]);
    const space = played();
    space.screen.idle({ ...laser, locale: "sv" });
    expect(space.now()?.[1]).toBe(idleText("tap", "sv"));
  });

  it("has room for every word of the catalogue on every size, cutting none but over-long words", () => {
    for (const locale of locales) {
      for (const key of [...code.options, ...hints]) {
        for (const [columns, rows] of [
          [16, 2],
          [20, 2],
          [16, 4],
          [20, 4],
        ] as const) {
          const pages = pagesOf(key, locale, {}, { columns, rows });
          expect(pages.every((page) => page.length <= rows && page.every((line) => line.length <= columns))).toBe(true);
          expect(pages.flat().join(" ").replaceAll(" ", "")).toContain(nextText(key, locale).replaceAll(" ", ""));
        }
      }
      for (const key of ["tap", "open"] as const) expect(idleText(key, locale).length).toBeLessThanOrEqual(20);
    }
    expect(wrap("", 16)).toEqual([]);
    expect(wrap("Donaudampfschiff fährt", 8)).toEqual(["Donaudam", "pfschiff", "fährt"]);
  });

  it("tells the log once that its display went, and once that it is back", () => {
    const told: string[] = [];
    let hear: (isThere: boolean) => void = () => undefined;
    const display = {
      show: () => undefined,
      onState: (listener: (isThere: boolean) => void) => {
        hear = listener;
      },
    };
    const log = { info: () => undefined, warn: (_facts: object, sentence: string) => void told.push(sentence), error: () => undefined };
    openScreen({ node: "n" }, { columns: 20, rows: 2 }, display, log);
    for (const isThere of [true, false, false, true]) hear(isThere);
    expect(told).toEqual([expect.stringContaining("does not answer"), "the display is back"]);
  });

  it("says of a locked machine that it is, unless a check is all it waits for", () => {
    expect([idleKeyOf("off", []), idleKeyOf("off", ["check"]), idleKeyOf("off", ["maintenance"]), idleKeyOf("busy", ["check"])]).toEqual([
      ...["tap", "tap", "LOCKED_OUT", "IN_USE"],
    ]);
  });
});

describe("a lamp", () => {
  function lamp(isOneColour: boolean) {
    const lit = new Map<string, boolean>();
    const outputs = (name: string): OutputPort => ({
      async write(isOn) {
        lit.set(name, isOn);
        return { kind: "applied" };
      },
      pulse: async () => ({ kind: "applied" }),
    });
    const on = () => [...lit].filter(([, isOn]) => isOn).map(([name]) => name);
    return { lamp: openLamp(isOneColour, outputs), on };
  }

  it("has a colour and a rhythm for each sign; one of a single colour has the rhythm", () => {
    const colours = lamp(false);
    const seen = (["on", "slow", "fast", "double", "off"] as const).map((sign) => {
      colours.lamp.show(sign);
      return colours.on().join(" ");
    });
    expect(seen).toEqual(["lampGreen", "lampRed lampGreen", "lampRed", "lampBlue", ""]);
    const single = lamp(true);
    single.lamp.show("fast");
    expect(single.on()).toEqual(["lamp"]);
    single.lamp.show("off");
    expect(single.on()).toEqual([]);
  });

  it("is wired by one pin or by three, and a common anode turns the three round", () => {
    expect(lampOutputs(undefined)).toEqual({});
    expect(lampOutputs({ pin: 9, activeLow: true })).toEqual({ lamp: { pin: 9, activeLow: true, type: "hold" } });
    expect(lampOutputs({ red: 9, green: 10, blue: 11, common: "anode" })).toEqual({
      lampRed: { pin: 9, activeLow: true, type: "hold" },
      lampGreen: { pin: 10, activeLow: true, type: "hold" },
      lampBlue: { pin: 11, activeLow: true, type: "hold" },
    });
  });

  it("tells go ahead, one more step, attention and refusal apart", () => {
    const signs = (["granted", "AWAIT_SUPERVISOR", "close_the_door", "TRAINING_MISSING", "ended"] satisfies SayKey[]).map(lampSignOf);
    expect(signs).toEqual(["on", "double", "slow", "fast", "off"]);
    expect([lampOfInterlock.busy, lampOfInterlock.grace, lampOfInterlock.fault, lampOfInterlock.bypassed]).toEqual([
      ...["on", "slow", "fast", "double"],
    ]);
  });
});
