/** What is said of a board's starts and of clamps: pure parts, with clocks of their own. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createBoardCare } from "../../../devices/drivers/board-care.ts";
import type { ClampWindow } from "../../../devices/drivers/board-ports.ts";
import { boardClamps, openClampMeter } from "../../../devices/drivers/clamp-meter.ts";
import { boardOf, boardsOf } from "../../../devices/kit/wires.ts";
import { boardInWords, boardTrouble } from "../../../hub/app/board-words.ts";

describe("starts of a board", () => {
  it("counts those that are not the opening of its port, for ten minutes, over the wrap of its counter", () => {
    let nowMs = 0;
    const care = createBoardCare(() => nowMs);
    expect(care.now()).toEqual({ firmware: null, resetCause: null, boots: null, recentStarts: 0 });
    care.opened("koprade 1.0", { resetCause: "external", boots: 65_534 });
    expect(care.now()).toMatchObject({ resetCause: "external", recentStarts: 0 });
    care.restarted({ resetCause: "brown-out", boots: 65_535 });
    care.opened("koprade 1.0", { resetCause: "external", boots: 0 });
    expect(care.now()).toEqual({ firmware: "koprade 1.0", resetCause: "brown-out", boots: 0, recentStarts: 1 });
    nowMs = 300_000;
    care.opened("koprade 1.0", { resetCause: "watchdog", boots: 4 });
    expect(care.now()).toMatchObject({ resetCause: "watchdog", recentStarts: 4 });
    nowMs = 601_000;
    expect(care.now().recentStarts).toBe(3);
    care.opened("koprade 1.0", { resetCause: "power-on", boots: 9_000 }); // another board in its place
    expect(care.now()).toMatchObject({ boots: 9_000, recentStarts: 3 });
    care.opened("StandardFirmata 2.5", null);
    expect(care.now()).toMatchObject({ resetCause: null, boots: null });
  });

  it("go up in the heartbeat, into words, and into one alarm for each storm", () => {
    const errors: string[] = [];
    let told: (state: { readonly kind: "ready" }) => void = () => undefined;
    let recentStarts = 4;
    const wire = boardOf(
      {
        care: () => ({ firmware: "koprade 1.0", resetCause: "brown-out", boots: 17, recentStarts }),
        state: () => ({ kind: "ready" }),
        onState: (listener) => {
          told = listener;
        },
      },
      { info: () => undefined, warn: () => undefined, error: (_facts, sentence) => void errors.push(sentence) },
    );
    told({ kind: "ready" });
    expect(boardTrouble(boardsOf(wire))).toBeNull();
    recentStarts = 5;
    told({ kind: "ready" });
    told({ kind: "ready" });
    const boards = boardsOf(wire);
    expect(boards).toEqual([
      { board: "main", state: "ready", firmware: "koprade 1.0", resetCause: "brown-out", boots: 17, recentStarts: 5 },
    ]);
    expect(boards.map(boardInWords)).toEqual(["main ready, brown-out, start 17"]);
    expect(boardTrouble(boards)).toMatch(/^main started 5 times in 10 minutes\. Its voltage breaks down/);
    expect(errors).toHaveLength(1);
    expect(boardTrouble([{ board: "main", state: "lost" }])).toBe("No answer from main.");
    expect(boardInWords({ board: "main", state: "opening" })).toBe("main opening");
  });
});

describe("current clamps as a meter", () => {
  const wiring = { pin: 14, pin3: 16, ampsPerVolt: 30, supplyV: 230, powerFactor: 0.8, noiseA: 0.06, uncertainPct: 20 };
  function played(given: Partial<typeof wiring> = {}) {
    const clock = { nowMs: 0 };
    const windows = new Map<string, (window: ClampWindow) => void>();
    const troubles: string[] = [];
    let lose: () => void = () => undefined;
    const meter = openClampMeter(
      { ...wiring, ...given },
      {
        clamp: (name) => ({ onWindow: (listener) => windows.set(name, listener) && (() => windows.delete(name)) }),
        onState: (listener) => {
          lose = () => listener({ kind: "lost" });
        },
      },
      (sentence) => troubles.push(sentence),
      () => clock.nowMs,
    );
    const show = (name: string, rmsV: number, isCut = false) => windows.get(name)?.({ rmsV, isCut });
    return { clock, meter, troubles, show, lose: () => lose() };
  }

  it("estimates watts from the mean of each clamp, and says nothing while one of them is silent", async () => {
    expect(boardClamps({ kind: "clamp", ...wiring })).toEqual({ "clamp 14": { channel: 0 }, "clamp 16": { channel: 2 } });
    expect([boardClamps(undefined), boardClamps({ kind: "pzem" })]).toEqual([{}, {}]);
    const { clock, meter, show, lose } = played();
    expect(await meter.read()).toBeNull();
    show("clamp 14", 0.1);
    expect(await meter.read()).toBeNull();
    show("clamp 14", 0.3);
    show("clamp 16", 0.1);
    const powerW = (0.2 + 0.1) * 30 * 230 * 0.8;
    expect(await meter.read()).toEqual({ powerW: expect.closeTo(powerW, 6), energyWh: null, voltageV: null, uncertainPct: 20 });
    clock.nowMs = 500;
    expect((await meter.read())?.powerW).toBeCloseTo((0.3 + 0.1) * 30 * 230 * 0.8, 6);
    clock.nowMs = 1_000;
    expect(await meter.read()).toBeNull();
    show("clamp 14", 0.1);
    show("clamp 16", 0.1);
    lose();
    expect(await meter.read()).toBeNull();
  });

  it("takes what clamps show without a load for none, as far as the recorded noise goes", async () => {
    const lines = readFileSync(new URL("../../fixtures/ct_clamp.jsonl", import.meta.url), "utf8")
      .trim()
      .split("\n");
    const noise = lines.map((line) => JSON.parse(line)).find(({ id }) => id === "ct_clamp-008").expect;
    for (const amps of [noise.amps_min, noise.amps_max - 0.0001, 0]) {
      const { meter, show } = played();
      show("clamp 14", amps / 30);
      show("clamp 16", amps / 30);
      expect((await meter.read())?.powerW).toBe(0);
    }
  });

  it("complains once of a wave that is cut, though the other clamps are well", () => {
    const { show, troubles } = played();
    for (let i = 0; i < 3; i += 1) {
      show("clamp 14", 1.7, true);
      show("clamp 16", 0.1);
    }
    expect(troubles).toHaveLength(1);
    show("clamp 14", 0.5);
    show("clamp 14", 1.7, true);
    expect(troubles).toHaveLength(2);
  });
});
