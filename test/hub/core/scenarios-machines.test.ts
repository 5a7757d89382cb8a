/**
 * Acceptance scenarios of doors and machines (domain.md §7) on the pure state machines, to the millisecond. The same sentences are
 * played on the assembled system in test/simulation.
 */
import { describe, expect, it } from "vitest";
import type { Permit } from "#contract";
import { type InterlockConfig, initialReader, nextDeadlineMono, type ReaderEvent, readerDefaults, stepReader } from "#core";
import { closes, boot as doorBoot, tick as doorTick, grant, opens, play as playDoor } from "./door-play.ts";
import {
  activity,
  type Bare,
  boot,
  busy,
  extraction,
  idleMeter,
  onIdle,
  permitted,
  play,
  powered,
  printer,
  refused,
  saw,
  type Timed,
  tap,
  tick,
} from "./interlock-play.ts";

const minute = 60_000;
/** ON_IDLE at 1 s; the lease is renewed elsewhere. */
const onWithoutLease: readonly Timed[] = [
  boot,
  idleMeter,
  [0, tap(7)],
  [100, permitted(7, { leaseMs: 0 })],
  [1000, powered(true)],
  [1001, activity("idle")],
];
const second = 1000;
const from = (atMs: number, events: readonly Timed[]): readonly Timed[] => events.map(([at, event]) => [at + atMs, event]);

describe("doors", () => {
  it("S01 opens 2.1 s after the grant, locks half a second later, and is secure after 3.9 s", () => {
    const opened = [doorBoot, [0, grant], [2100, opens]] as const;
    expect(playDoor({}, ...opened, [2599, doorTick]).state.locked).toBe(false);
    expect(playDoor({}, ...opened, [2600, doorTick]).state.locked).toBe(true);
    const { state, last } = playDoor({}, ...opened, [6000, closes]);
    expect([state.kind, last.flatMap((effect) => (effect.kind === "emit" ? [effect.body] : []))]).toEqual([
      "secure",
      [{ kind: "door.closed", openMs: 3900 }],
    ]);
  });
  it.each([
    ["5.8 s after the grant is a slow opener", 5800, "open", []],
    ["7.5 s after the grant has forced it", 7500, "forced", ["forced_open"]],
  ] as const)("S04 whoever opens %s", (_sentence, atMs, kind, alarms) => {
    expect(playDoor({}, doorBoot, [0, grant], [5000, doorTick], [atMs, opens]).state).toMatchObject({ kind, alarms });
  });
  it("S05 a forced door is silenced by no member, and is cleared with its duration", () => {
    const forced = [doorBoot, [0, opens], [6000, grant]] as const;
    expect(playDoor({}, ...forced).state).toMatchObject({ kind: "forced", locked: true, alarms: ["forced_open"] });
    expect(playDoor({}, ...forced, [10_000, closes]).last).toContainEqual({
      kind: "emit",
      body: { kind: "door.forced_cleared", totalMs: 10_000 },
    });
    expect(playDoor({}, ...forced, [10_000, closes], [11_000, { kind: "acknowledge" }]).state).toMatchObject({
      kind: "secure",
      alarms: [],
    });
  });
  it("S06 who leaves by the handle unlocks nothing; left open it warns at 23 s and alarms at 33 s", () => {
    const left = [doorBoot, [0, { kind: "rex" }], [3000, opens]] as const;
    const at = (atMs: number) => playDoor({}, ...left, [atMs, doorTick]).state;
    expect(at(3001)).toMatchObject({ kind: "open", locked: true, alarms: [] });
    expect([at(22_999).kind, at(23_000).kind, at(32_999).kind, at(33_000).kind]).toEqual(["open", "open_warn", "open_warn", "held"]);
  });
  it("S07 Bob's grant at 25 s begins the half minute anew, and Cem's silences no alarm", () => {
    const again = [doorBoot, [0, grant], [0, opens], [25_000, grant]] as const;
    expect(playDoor({}, ...again, [54_999, doorTick]).state.kind).toBe("open_warn");
    const held = playDoor({}, ...again, [55_000, doorTick], [56_000, grant]);
    expect([held.state.kind, held.state.alarms, held.words]).toEqual(["held", ["held_open"], ["say close_the_door"]]);
  });
  it("S09 a card that stays is one tap; one that lay there at the start is none until it has been away for a second", () => {
    const taps = (...spans: readonly (readonly [from: number, until: number])[]): number[] => {
      let state = initialReader(0);
      const seen: number[] = [];
      const feed = (event: ReaderEvent): void => {
        const [next, gestures] = stepReader(state, event, readerDefaults);
        state = next;
        for (const gesture of gestures) if (gesture.kind === "tap") seen.push(gesture.atMono);
      };
      for (const [fromMs, untilMs] of spans) {
        for (let at = nextDeadlineMono(state); at !== null && at < fromMs; at = nextDeadlineMono(state))
          feed({ kind: "tick", nowMono: at });
        for (let at = fromMs; at < untilMs; at += 65) feed({ kind: "read", card: "A", nowMono: at });
      }
      return seen;
    };
    expect(taps([2000, 60_000])).toEqual([2000]);
    expect(taps([100, 60_000])).toEqual([]);
    expect(taps([100, 60_000], [61_500, 70_000])).toEqual([61_500]);
  });
  it("S10 passage begins with the first grant in its hours, and its end gives an open door half a minute", () => {
    const on = [doorBoot, [0, { kind: "passage", on: true }]] as const;
    expect(playDoor({}, ...on).state).toMatchObject({ kind: "secure", locked: true });
    const passing = [...on, [20 * minute, grant], [60 * minute, opens]] as const;
    expect(playDoor({}, ...passing).state).toMatchObject({ kind: "passage", locked: false });
    const over = [...passing, [480 * minute, { kind: "passage", on: false }]] as const;
    expect(playDoor({}, ...over).state).toMatchObject({ kind: "open", locked: true, deadlines: { shunt: 480 * minute + 30_000 } });
    expect(playDoor({}, ...over, [480 * minute + 5000, closes]).state.kind).toBe("secure");
  });
  it("S11 an evacuation frees the door; its end, passage and grants of before secure nothing and open nothing", () => {
    const freed = [doorBoot, [0, { kind: "passage", on: true }], [1, grant], [2, { kind: "emergency", on: true }]] as const;
    expect(playDoor({}, ...freed).state).toMatchObject({ kind: "released", locked: false });
    const after = [...freed, [minute, { kind: "emergency", on: false }]] as const;
    expect(playDoor({}, ...after).state.kind).toBe("released");
    expect(playDoor({}, ...after, [2 * minute, { kind: "reset" }]).state).toMatchObject({ kind: "secure", locked: true, passage: "off" });
  });
});

describe("machines", () => {
  const laser: InterlockConfig = { ...saw, ancillary: { ...extraction, readyMs: 60_000 } };
  const ready: Bare = { kind: "ancillary", ready: true };
  const startLaser: readonly Timed[] = [boot, idleMeter, [0, tap(7)], [100, permitted(7)]];
  const runs = (atMs: number): readonly Timed[] =>
    from(atMs, [
      [0, activity("busy")],
      [minute, activity("idle")],
    ]);

  it("S21 extraction first, then the permit; three runs; tap-out, grace of 90 s, run-on of 60 s", () => {
    expect(play(laser, ...startLaser)).toMatchObject({ kind: "anc_start", words: ["ancillary on", "say wait", "beep grant"] });
    const used = [
      ...startLaser,
      [8000, ready],
      [10_000, powered(true)],
      ...runs(minute),
      ...runs(3 * minute),
      ...runs(5 * minute),
    ] as const;
    const out = [...used, [7 * minute, tap(7)]] as const;
    expect(play(laser, ...out).kind).toBe("grace");
    const beeps = [30, 60].map((atS) => play(laser, ...out, [7 * minute + atS * second, tick]).words);
    expect(beeps).toEqual([["beep slow"], ["beep slow"]]);
    const off = [...out, [7 * minute + 90 * second, tick]] as const;
    expect(play(laser, ...off)).toMatchObject({ kind: "run_on", state: { ancillaryOn: true } });
    expect(play(laser, ...off).words).toEqual(expect.arrayContaining(["relay off", "closed tap_out"]));
    expect(play(laser, ...off).last).toContainEqual(expect.objectContaining({ body: expect.objectContaining({ busyMs: 3 * minute }) }));
    const fallen: Timed = [8 * minute + 30 * second + 20, powered(false)];
    expect(play(laser, ...off, fallen, [9 * minute + 30 * second, tick])).toMatchObject({ kind: "off", words: ["ancillary off"] });
  });
  it("S22 enabled and never used: off after 30 s, nothing to charge", () => {
    const { kind, last } = play(saw, boot, idleMeter, [0, tap(7)], [100, permitted(7)], [30_100, tick]);
    expect(kind).toBe("off");
    expect(last).toContainEqual(expect.objectContaining({ body: expect.objectContaining({ reason: "not_used", busyMs: 0, energyWh: 0 }) }));
  });
  it("S23 a permission that ends never cuts the beam: it stops when idle", () => {
    const ended = [...busy, [20_000, { kind: "end", reason: "permission_ended", mode: "when_idle" }]] as const;
    expect(play(saw, ...ended).kind).toBe("stopping");
    expect(play(saw, ...ended, [500_000, tick]).kind).toBe("stopping");
    expect(play(saw, ...ended, [600_000, activity("idle")]).words).toContain("closed permission_ended");
  });
  it("S25 a bystander's refusal and the owner's own bounce change nothing", () => {
    const before = play(saw, ...busy).state;
    const after = play(saw, ...busy, [20_000, tap(9)], [20_100, refused(9)]).state;
    expect([after.kind, after.session, after.deadlines]).toEqual([before.kind, before.session, before.deadlines]);
    expect(play(saw, ...onIdle, [3000, tap(7)]).kind).toBe("on_idle"); // 2.9 s after its start
    expect(play(saw, ...onIdle, [3101, tap(7)]).kind).toBe("grace");
  });
  it("S26 a forgotten machine ends after its idle time and a grace in which work goes on", () => {
    const forgotten = [...onWithoutLease, [1_201_001, tick]] as const;
    expect(play(saw, ...forgotten).kind).toBe("grace");
    expect(play(saw, ...forgotten, [1_210_000, activity("busy")]).kind).toBe("busy");
    expect(play(saw, ...forgotten, [1_291_001, tick]).words).toContain("closed idle_timeout");
  });
  it("S27 a link that is lost changes no output; the lease ends offline and the work is finished", () => {
    const lost = [...busy, [20_000, { kind: "link", up: true }], [30_000, { kind: "link", up: false }]] as const;
    expect(play(saw, ...lost)).toMatchObject({ kind: "busy", words: ["say offline"] });
    const offline = [...lost, [900_100, tick], [1_500_000, tick]] as const;
    expect(play(saw, ...offline).kind).toBe("stopping");
    expect(play(saw, ...offline, [1_600_000, activity("idle")]).words).toContain("closed lease_expired");
  });
  it("S28 a restart starts nothing: the relay is off whatever the card and the journal say", () => {
    const { session } = play(saw, ...busy).state;
    const again = play(saw, [0, { kind: "booted", selfTest: true, powered: false, journal: session }]);
    expect(again.kind).toBe("off");
    expect(again.words).toEqual(expect.arrayContaining(["relay off", "closed device_reboot"]));
    expect(again.words).not.toContain("relay on");
  });
  it("S30 a safety input takes the power at once", () => {
    const open: Bare = { kind: "safety", open: true, cause: "filter" };
    expect(play(saw, ...busy, [20_000, open]).words).toEqual(expect.arrayContaining(["relay off", "closed safety_stop"]));
  });
  it("S33 the trainer's tap ends the lesson when the work is done; the second person's absence after five minutes", () => {
    const with_ = (company: Partial<Permit>): readonly Timed[] => [
      boot,
      idleMeter,
      [0, { kind: "ask", nonce: "n7", member: 7, wants: "teach" }],
      [100, permitted(7, company)],
      [1000, powered(true)],
      [10_000, activity("busy")],
    ];
    expect(play(saw, ...with_({ supervisor: 9 }), [20_000, tap(9)], [23_500, tick]).kind).toBe("stopping");
    const left = [...with_({ buddy: 8 }), [20_000, tap(8)]] as const;
    expect(play(saw, ...left, [20_000 + 5 * minute - 1, tick]).kind).toBe("busy");
    expect(play(saw, ...left, [20_000 + 5 * minute, tick]).kind).toBe("stopping");
  });
  it("S34 a job that is left runs on, and its power stays until it is done and cold", () => {
    const fdm = { ...printer, hasController: true, coolDownC: 50, coolDownMs: 10 * minute };
    const says = (job: "running" | "complete", tempC: number): Bare => ({ kind: "controller", job, tempC });
    const left = [...onWithoutLease, [2000, says("running", 200)], [20 * minute, tap(7)]] as const;
    expect(play(fdm, ...left)).toMatchObject({ kind: "busy", state: { session: { unattended: true } } });
    const done = [...left, [30 * 60 * minute, says("complete", 62)]] as const;
    expect(play(fdm, ...done).kind).toBe("stopping");
    expect(play(fdm, ...done, [30 * 60 * minute + minute, says("complete", 50)]).words).toContain("closed job_complete");
    const hot = [...onWithoutLease, [2000, { kind: "controller", job: "none", tempC: 80 }]] as readonly Timed[];
    expect(play(fdm, ...hot, [2000 + 1_200_000, tick]).kind).toBe("grace");
  });
  it("S37 work that nobody answers for is an incident after ten minutes", () => {
    const loose: readonly Timed[] = [boot, [0, { kind: "bypass", on: true }], [1000, activity("busy")]];
    expect(play(saw, ...loose, [1000 + 10 * minute - 1, tick]).words).toEqual([]);
    expect(play(saw, ...loose, [1000 + 10 * minute, tick]).words).toContain("mach.unattributed_use");
  });
});
