/** Every row of the door's table (domain.md §4.1), and its invariants over every short history. */
import { describe, expect, it } from "vitest";
import type { DoorConfig, DoorEvent } from "#core";
import { doorDefaults, initialDoor, nextDeadlineMono, stepDoor } from "#core";
import { type Bare, boot, bootOpen, closes, grant, opens, play, tick } from "./door-play.ts";
import { everySequence } from "./explore.ts";

describe("the door's table", () => {
  it("BOOT looks at the contact and never restores an unlock", () => {
    expect(play({}, boot)).toMatchObject({ state: { kind: "secure", locked: true }, words: ["lock"] });
    expect(play({}, bootOpen).state.kind).toBe("open_unknown");
  });
  it("OPEN_UNKNOWN closes to SECURE", () => expect(play({}, bootOpen, [100, closes]).state.kind).toBe("secure"));
  it("OPEN_UNKNOWN becomes HELD since boot when the shunt ends", () => {
    const { state, last } = play({}, bootOpen, [30_000, tick]);
    expect(state).toMatchObject({ kind: "held", alarms: ["held_open"] });
    expect(last).toContainEqual({ kind: "emit", body: { kind: "door.held_open", since: "boot" } });
  });
  it("SECURE unlocks on a grant, recorded before the lock moves", () => {
    const { state, words } = play({}, boot, [100, grant]);
    expect(state).toMatchObject({ kind: "unlocked", locked: false, deadlines: { strike: 5100 } });
    expect(words.slice(0, 2)).toEqual(["door.granted", "unlock"]);
  });
  it("SECURE unlocks on an exit button that unlocks, for nobody in particular", () => {
    expect(play({ rex: "unlocks" }, boot, [100, { kind: "rex" }], [200, opens]).last).toContainEqual({
      kind: "emit",
      body: { kind: "door.opened", who: [], cause: "rex" },
    });
  });
  it("SECURE only shunts on an exit button that shunts", () => {
    const { state, words } = play({}, boot, [100, { kind: "rex" }]);
    expect([state.kind, state.locked, words]).toEqual(["secure", true, ["door.rex"]]);
    expect(play({}, boot, [100, { kind: "rex" }], [5000, opens]).state.kind).toBe("open");
    expect(play({}, boot, [100, { kind: "rex" }], [5100, opens]).state.kind).toBe("forced");
  });
  it("SECURE opens without alarm when the handle was used from inside", () =>
    expect(play({}, boot, [100, { kind: "manual" }], [200, opens]).state.kind).toBe("open"));
  it("SECURE opened by nobody is FORCED, with a siren where configured", () => {
    expect(play({ siren: true }, boot, [100, opens]).words).toEqual(["door.forced_open", "beep alarm", "siren"]);
  });
  it("SECURE enters PASSAGE at opening time, but waits for the first person where told", () => {
    expect(play({ firstPersonIn: false }, boot, [100, { kind: "passage", on: true }])).toMatchObject({
      state: { kind: "passage" },
      words: ["unlock"],
    });
    const waits = play({}, boot, [100, { kind: "passage", on: true }]);
    expect([waits.state.kind, waits.words]).toEqual(["secure", []]);
    expect(play({}, boot, [100, { kind: "passage", on: true }], [200, grant]).state.kind).toBe("passage");
  });
  it("PASSAGE waits for a person who is here now, not for one who came last night", () => {
    const lastNight = [boot, [0, grant], [1000, opens], [3000, closes]] as const;
    const on = { kind: "passage", on: true } as const;
    expect(play({}, ...lastNight, [40_000_000, on])).toMatchObject({ state: { kind: "secure", passage: "waits_for_first" }, words: [] });
    const leaves = [39_999_000, { kind: "rex" }] as const;
    expect(play({}, boot, [0, grant], [5000, tick], leaves, [39_999_500, opens], [40_000_000, on]).state.kind).toBe("open");
    expect(play({}, boot, [0, grant], [1000, on])).toMatchObject({ state: { kind: "passage" } });
    expect(play({}, boot, [0, grant], [1000, opens], [1200, on])).toMatchObject({ state: { kind: "passage" } });
  });
  it("UNLOCKED counts the strike time from when the lock lets go, and waits for that with a short one", () => {
    expect(play({}, boot, [0, grant], [1900, { kind: "let_go" }]).state.deadlines.strike).toBe(6900);
    const short: Bare = { ...grant, strikeMs: 1000 } as Bare;
    expect(play({}, boot, [0, short], [1900, { kind: "let_go" }]).state).toMatchObject({ kind: "unlocked", deadlines: { strike: 2900 } });
    expect(play({}, boot, [0, grant], [1000, opens], [1900, { kind: "let_go" }]).state.deadlines.strike).toBeUndefined();
    expect(play({}, boot, [100, { kind: "let_go" }]).state).toMatchObject({ kind: "secure", locked: true });
  });
  it("UNLOCKED opens: who took the access is recorded and the bolt returns after 500 ms", () => {
    const { state, last } = play({}, boot, [0, grant], [1000, opens]);
    expect(state).toMatchObject({ kind: "open", deadlines: { relock: 1500, shunt: 31_000, preAlarm: 21_000 } });
    expect(state.deadlines.strike).toBeUndefined();
    expect(last).toContainEqual({ kind: "emit", body: { kind: "door.opened", who: [7], cause: "grant" } });
    expect(play({}, boot, [0, grant], [1000, opens], [1500, tick])).toMatchObject({
      state: { kind: "open", locked: true },
      words: ["lock"],
    });
  });
  it("UNLOCKED expires: locked, not used, and a slow opener within 2 s is no burglar", () => {
    expect(play({}, boot, [0, grant], [5000, tick])).toMatchObject({
      state: { kind: "secure", locked: true },
      words: ["lock", "door.granted_not_used"],
    });
    expect(play({}, boot, [0, grant], [5000, tick], [6999, opens]).last).toContainEqual({
      kind: "emit",
      body: { kind: "door.opened", who: [7], cause: "late" },
    });
    expect(play({}, boot, [0, grant], [5000, tick], [7000, opens]).state.kind).toBe("forced");
  });
  it("UNLOCKED takes a second grant: the longer time, both people", () => {
    const second: Bare = { ...grant, who: [9], strikeMs: 1000 } as Bare;
    const { state } = play({}, boot, [0, grant], [1000, second]);
    expect(state).toMatchObject({ deadlines: { strike: 5000 }, release: { who: [7, 9] } });
  });
  it("UNLOCKED stays as it is on a denial", () => {
    const before = play({}, boot, [0, grant]).state;
    const after = play({}, boot, [0, grant], [100, { kind: "deny", reason: "HOLD_ACTIVE" }]);
    expect(after).toMatchObject({ state: before, words: ["say HOLD_ACTIVE", "beep deny"] });
  });
  it("UNLOCKED becomes FAULT_JAM when the bolt is stuck, or a motor needs 30 s", () => {
    expect(play({}, boot, [0, grant], [100, { kind: "bolt", state: "stuck" }])).toMatchObject({
      state: { kind: "fault_jam" },
      words: ["lock", "door.jam", "beep alarm"],
    });
    expect(play({ lock: "motor" }, boot, [0, { ...grant, strikeMs: 30_000 } as Bare], [30_000, tick]).state.kind).not.toBe("unlocked");
    expect(play({ lock: "motor", motorTimeoutMs: 3000 }, boot, [0, grant], [3000, tick]).state.kind).toBe("fault_jam");
    expect(
      play({ lock: "motor", motorTimeoutMs: 3000 }, boot, [0, grant], [900, { kind: "bolt", state: "moved" }], [3000, tick]).state.kind,
    ).toBe("unlocked");
  });
  it("FAULT_JAM ends by the bolt's position or an operator, the alarm only by acknowledgement", () => {
    const jam = [boot, [0, grant], [100, { kind: "bolt", state: "stuck" }]] as const;
    expect(play({}, ...jam, [200, { kind: "bolt", state: "moved" }]).state).toMatchObject({ kind: "secure", alarms: ["jam"] });
    expect(play({}, ...jam, [200, opens], [300, { kind: "reset" }]).state.kind).toBe("open_unknown");
    expect(play({}, ...jam, [200, { kind: "reset" }], [300, { kind: "acknowledge" }]).state.alarms).toEqual([]);
  });
  it("OPEN closes: the time is recorded, and with onClose the bolt returns after 300 ms", () => {
    expect(play({}, boot, [0, grant], [1000, opens], [4000, closes]).last).toContainEqual({
      kind: "emit",
      body: { kind: "door.closed", openMs: 3000 },
    });
    const onClose = play({ relock: "onClose" }, boot, [0, grant], [1000, opens], [4000, closes]).state;
    expect(onClose).toMatchObject({ kind: "secure", locked: false, deadlines: { relock: 4300 } });
    expect(play({ relock: "onClose" }, boot, [0, grant], [1000, opens], [4000, closes], [4300, tick]).words).toEqual(["lock"]);
  });
  it("OPEN warns ten seconds before the shunt ends", () => {
    expect(play({}, boot, [0, grant], [1000, opens], [1500, tick], [21_000, tick])).toMatchObject({
      state: { kind: "open_warn" },
      words: ["beep slow"],
    });
  });
  it("OPEN and OPEN_WARN take another grant as a tail entry and begin the shunt again", () => {
    const { state, words } = play({}, boot, [0, grant], [1000, opens], [21_000, tick], [22_000, grant]);
    expect(state).toMatchObject({ kind: "open", deadlines: { shunt: 52_000 } });
    expect(words).toContain("door.opened_again");
    expect(words).toContain("beep off");
    expect(play({}, boot, [0, grant], [1000, opens], [2000, { kind: "rex" }]).state.deadlines.shunt).toBe(32_000);
  });
  it("OPEN_WARN closes quietly", () => {
    const { state, words } = play({}, boot, [0, grant], [1000, opens], [21_000, tick], [22_000, closes]);
    expect([state.kind, words]).toEqual(["secure", ["beep off", "door.closed"]]);
  });
  it("OPEN_WARN becomes HELD, which no grant silences and closing clears", () => {
    const held = [boot, [0, grant], [1000, opens], [31_000, tick]] as const;
    expect(play({}, ...held)).toMatchObject({ state: { kind: "held", alarms: ["held_open"] } });
    expect(play({}, ...held, [32_000, grant])).toMatchObject({ state: { kind: "held" }, words: ["say close_the_door"] });
    const cleared = play({}, ...held, [33_000, closes]);
    expect(cleared.state).toMatchObject({ kind: "secure", locked: true, alarms: [] });
    expect(cleared.last).toContainEqual({ kind: "emit", body: { kind: "door.held_open_cleared", totalMs: 32_000 } });
  });
  it("FORCED clears by closing but stays alarmed, and ignores a grant", () => {
    expect(play({}, boot, [0, opens], [100, grant])).toMatchObject({ state: { kind: "forced" }, words: [] });
    expect(play({}, boot, [0, opens], [500, closes])).toMatchObject({
      state: { kind: "secure", alarms: ["forced_open"] },
      words: ["lock", "beep off", "door.forced_cleared"],
    });
  });
  it("PASSAGE counts and never alarms", () => {
    const passage = [boot, [0, { kind: "passage", on: true }]] as const;
    expect(play({ firstPersonIn: false }, ...passage, [100, opens]).words).toEqual(["door.opened"]);
    expect(play({ firstPersonIn: false }, ...passage, [100, opens], [900_000, tick])).toMatchObject({
      state: { kind: "passage" },
      words: [],
    });
  });
  it("PASSAGE ends locked when closed, and with a shunt when open; a maglock waits for the door", () => {
    const passage = [boot, [0, { kind: "passage", on: true }]] as const;
    const off = [200, { kind: "passage", on: false }] as const;
    expect(play({ firstPersonIn: false }, ...passage, off)).toMatchObject({ state: { kind: "secure" }, words: ["lock"] });
    expect(play({ firstPersonIn: false }, ...passage, [100, opens], off)).toMatchObject({
      state: { kind: "open", locked: true, deadlines: { shunt: 30_200 } },
    });
    const maglock = play({ firstPersonIn: false, lock: "maglock" }, ...passage, [100, opens], off);
    expect([maglock.state.locked, maglock.words]).toEqual([false, []]);
    expect(play({ firstPersonIn: false, lock: "maglock" }, ...passage, [100, opens], off, [300, closes], [600, tick]).words).toEqual([
      "lock",
    ]);
  });
  it("an emergency releases from anywhere, and only its end together with an operator locks again", () => {
    const emergency = [boot, [0, grant], [100, { kind: "emergency", on: true }]] as const;
    expect(play({}, ...emergency)).toMatchObject({ state: { kind: "released", locked: false } });
    expect(play({}, ...emergency, [200, opens], [99_999, tick])).toMatchObject({ state: { kind: "released", alarms: [] } });
    expect(play({}, ...emergency, [200, { kind: "reset" }]).state.kind).toBe("released");
    expect(play({}, ...emergency, [200, { kind: "emergency", on: false }]).state.kind).toBe("released");
    expect(play({}, ...emergency, [200, { kind: "emergency", on: false }], [300, { kind: "reset" }])).toMatchObject({
      state: { kind: "secure", passage: "off" },
      words: ["lock"],
    });
  });
  it("after an emergency the next grant, or an order to lock, ends the release; during it neither does", () => {
    const over = [boot, [100, { kind: "emergency", on: true }], [200, { kind: "emergency", on: false }]] as const;
    expect(play({}, ...over, [300, grant])).toMatchObject({ state: { kind: "unlocked", deadlines: { strike: 5300 } } });
    expect(play({}, ...over, [300, grant], [5300, tick])).toMatchObject({ state: { kind: "secure", locked: true } });
    expect(play({}, ...over, [250, opens], [300, grant])).toMatchObject({
      state: { kind: "open_unknown", locked: true },
      words: ["lock", "say close_the_door"],
    });
    expect(play({}, ...over, [300, { kind: "relock" }])).toMatchObject({ state: { kind: "secure", locked: true }, words: ["lock"] });
    for (const event of [grant, { kind: "relock" } as const])
      expect(play({}, boot, [100, { kind: "emergency", on: true }], [200, event])).toMatchObject({
        state: { kind: "released" },
        words: [],
      });
  });
  it("a lockdown ends passage and leaves the rest alone", () => {
    expect(play({ firstPersonIn: false }, boot, [0, { kind: "passage", on: true }], [100, { kind: "lockdown", on: true }])).toMatchObject({
      state: { kind: "secure" },
      words: ["lock"],
    });
    expect(play({}, boot, [0, grant], [100, { kind: "lockdown", on: true }]).state.kind).toBe("unlocked");
  });
  it("tampering alarms in any state without changing it", () =>
    expect(play({}, boot, [0, grant], [100, { kind: "tamper" }])).toMatchObject({
      state: { kind: "unlocked", alarms: ["tamper"] },
      words: ["door.tamper"],
    }));
  it("a relock command ends a grant at once", () =>
    expect(play({}, boot, [0, grant], [100, { kind: "relock" }])).toMatchObject({
      state: { kind: "secure", locked: true },
      words: ["lock"],
    }));
  it("a relock command gives somebody already in the doorway the tolerance", () => {
    expect(play({}, boot, [0, grant], [100, { kind: "relock" }], [2099, opens]).state.kind).toBe("open");
    expect(play({}, boot, [0, grant], [100, { kind: "relock" }], [2100, opens]).state.kind).toBe("forced");
  });
  it("fires what is due before it looks at an event that came late", () => {
    expect(play({}, boot, [0, grant], [60_000, opens]).state.kind).toBe("open"); // the strike ends at 60 s, its tolerance runs
    expect(nextDeadlineMono(play({}, boot, [0, grant]).state)).toBe(5000);
    expect(nextDeadlineMono(play({}, boot).state)).toBeNull();
  });
});

describe("every history of five events", () => {
  const events: readonly Bare[] = [
    grant,
    { kind: "rex" },
    opens,
    closes,
    { kind: "deny", reason: "HOLD_ACTIVE" },
    { kind: "passage", on: true },
    { kind: "passage", on: false },
    { kind: "emergency", on: true },
    { kind: "emergency", on: false },
    { kind: "reset" },
    { kind: "link", up: false },
    tick,
  ];
  const waits = new Set(["unlocked", "passage", "released", "open", "open_warn"]);
  for (const relock of ["onOpen", "onClose"] as const) {
    it(`keeps the lock's word and the invariants (relock ${relock})`, () => {
      const config: DoorConfig = { ...doorDefaults, relock, rex: "unlocks", firstPersonIn: false };
      const start = stepDoor(initialDoor(config, 0), { kind: "booted", open: false, nowMono: 0 }, config)[0];
      let steps = 0;
      const runs = everySequence(
        5,
        events,
        () => ({ state: start, locked: true }),
        ({ state, locked }, event, depth) => {
          const nowMono =
            event.kind === "tick" ? Math.max(depth * 1000, nextDeadlineMono(state) ?? 0) : Math.max(depth * 1000, state.sinceMono);
          const [next, effects] = stepDoor(state, { ...event, nowMono } as DoorEvent, config);
          steps += 1;
          let told = locked;
          for (const effect of effects) if (effect.kind === "lock") told = effect.on;
          if (told !== next.locked) expect.fail(`lock told ${told}, state says ${next.locked} in ${next.kind}`);
          if (
            !next.locked &&
            !waits.has(next.kind) &&
            next.deadlines.relock === undefined &&
            !(relock === "onClose" && next.kind === "held")
          )
            expect.fail(`unlocked for ever in ${next.kind}`);
          if (state.emergency && next.locked && next.kind !== state.kind) expect.fail(`locked in an emergency`);
          const due = (nextDeadlineMono(state) ?? Infinity) <= nowMono;
          if (!due && event.kind === "deny") expect(next).toBe(state);
          if (!due && event.kind === "link") expect([next, effects]).toEqual([{ ...state, linkUp: false }, []]);
          if ((nextDeadlineMono(next) ?? Infinity) <= nowMono) expect.fail(`a deadline stayed due in ${next.kind}`);
          return { state: next, locked: told };
        },
      );
      expect(runs).toBe(12 ** 5);
      expect(steps).toBeGreaterThan(12 ** 5);
    });
  }
});
