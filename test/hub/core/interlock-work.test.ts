/** What work is: the controller's job, cooling down, work that nobody answers for; and the node's own lockouts. */
import { describe, expect, it } from "vitest";
import type { JobState } from "#contract";
import { jobActivity, jobEndReason, lockoutsNow, nextJob, noLockouts, stepLockouts } from "#core";
import type { Bare, Timed } from "./interlock-play.ts";
import { activity, boot, busy, idleMeter, onIdle, permitted, play, powered, saw, tap, tick } from "./interlock-play.ts";

const minute = 60_000;
const printer = { ...saw, cutHazard: true, attendance: "unattended_ok", hasController: true, coolDownMs: 600_000, coolDownC: 50 } as const;
const says = (job: JobState, tempC: number | null = null): Bare => ({ kind: "controller", job, tempC });
const printing: readonly Timed[] = [
  boot,
  idleMeter,
  [0, tap(7)],
  [100, permitted(7, { leaseMs: 0, idleMs: 30 * minute })],
  [1000, powered(true)],
  [2000, says("none", 20)],
  [10_000, says("running", 210)],
];

describe("a job", () => {
  it("counts as ended only after work was seen", () => {
    expect(nextJob("none", "complete")).toBe("none");
    expect(nextJob("running", "complete")).toBe("complete");
    expect(nextJob("paused", "cancelled")).toBe("cancelled");
    expect(nextJob("complete", "complete")).toBe("complete");
    expect(nextJob("complete", "error")).toBe("complete");
    expect(nextJob("unknown", "complete")).toBe("complete"); // it ended while the link was away
    expect(nextJob("running", "unknown")).toBe("unknown");
  });
  it("is work while it prepares, runs or is paused", () => {
    const states: readonly JobState[] = [
      "none",
      "queued",
      "preparing",
      "running",
      "paused",
      "complete",
      "cancelled",
      "error",
      "interrupted",
      "unknown",
    ];
    expect(states.filter((state) => jobActivity(state) === "busy")).toEqual(["preparing", "running", "paused"]);
    expect(states.filter((state) => jobActivity(state) === "unknown")).toEqual(["unknown"]);
    expect(states.map(jobEndReason).filter((reason) => reason === "job_failed")).toHaveLength(3);
  });
});

describe("a machine whose controller speaks", () => {
  it("is busy by its job, whatever it draws: a pause must not be cut", () => {
    expect(play(printer, ...printing)).toMatchObject({ kind: "busy", words: ["mach.job"] });
    expect(play(printer, ...printing, [20_000, says("paused", 180)], [30_000, activity("idle")]).kind).toBe("busy");
    expect(play(printer, ...printing, [20_000, says("running", 205)]).words).toEqual([]); // the same job: no news
  });
  it("is idle without a job though the bed is hot, and goes off by its idle time (S34)", () => {
    const hot: readonly Timed[] = [...printing.slice(0, 6), [10_000, activity("busy")]];
    expect(play(printer, ...hot).kind).toBe("on_idle");
    expect(play(printer, ...hot, [31 * minute, tick]).kind).toBe("grace");
  });
  it("falls back on the meter while the controller is silent", () => {
    expect(play(printer, ...printing, [20_000, activity("idle")], [30_000, says("unknown")]).kind).toBe("on_idle");
    expect(play(printer, ...printing, [20_000, activity("busy")], [30_000, says("unknown")]).kind).toBe("busy");
  });
  it("cools down to 50 °C after an unattended job before power goes (S34)", () => {
    const left: readonly Timed[] = [...printing, [20_000, tap(7)], [100_000, says("complete", 62)]];
    expect(play(printer, ...left)).toMatchObject({ kind: "stopping", state: { reason: "job_complete" } });
    expect(play(printer, ...left, [110_000, says("complete", 51)]).kind).toBe("stopping");
    expect(play(printer, ...left, [120_000, says("complete", 50)]).words).toContain("closed job_complete");
    expect(play(printer, ...left, [100_000 + 30 * minute, tick]).words).toContain("closed job_complete"); // left hot by hand
    expect(play(printer, ...printing, [20_000, tap(7)], [100_000, says("complete", 45)]).words).toContain("closed job_complete");
  });
  it("without a temperature waits for ten quiet minutes", () => {
    const left: readonly Timed[] = [...printing, [20_000, tap(7)], [100_000, says("error")]];
    expect(play(printer, ...left)).toMatchObject({ kind: "stopping", state: { deadlines: { coolDown: 700_000 } } });
    expect(play(printer, ...left, [700_000, tick]).words).toContain("closed job_failed");
  });
});

describe("work that nobody answers for (S37)", () => {
  const metered = { ...saw, weldW: 5000 };
  const alone: readonly Timed[] = [boot, [0, { kind: "power", powerW: 300, energyWh: 10 }], [1000, activity("busy")]];
  it("is an incident with its energy after 10 min", () => {
    const found = play(metered, ...alone, [300_000, { kind: "power", powerW: 300, energyWh: 60 }], [1000 + 10 * minute, tick]);
    expect(found.last).toContainEqual({ kind: "emit", body: { kind: "mach.unattributed_use", powerW: 300, energyWh: 50 } });
    expect(play(metered, ...alone, [1000 + 10 * minute, tick], [30 * minute, tick]).words).toEqual([]); // once
  });
  it("is none when it ends before, or somebody taps", () => {
    expect(play(metered, ...alone, [300_000, activity("idle")], [11 * minute, tick]).words).toEqual([]);
    expect(
      play(metered, ...alone, [300_000, tap(7)], [300_100, permitted(7)], [300_200, powered(true)], [11 * minute, tick]).words,
    ).toEqual([]);
  });
});

describe("the fire watch", () => {
  const laser = { ...saw, fireWatchMs: 10 * minute };
  it("is a reminder 10 min after the machine was used", () => {
    const ended: readonly Timed[] = [...busy, [30_000, { kind: "stop_button" }], [30_500, powered(false)]];
    expect(play(laser, ...ended, [30_000 + 10 * minute, tick]).words).toEqual(["say fire_watch", "beep slow"]);
    const again: readonly Timed[] = [...ended, [60_000, tap(7)], [60_100, permitted(7)], [61_000, powered(true)]];
    expect(play(laser, ...again, [30_000 + 10 * minute, tick]).words).toEqual([]);
  });
  it("is not needed where nothing was done", () =>
    expect(play(laser, ...onIdle, [9000, { kind: "stop_button" }], [9500, powered(false)], [9000 + 10 * minute, tick]).words).toEqual([]));
});

describe("a fault", () => {
  const fault: readonly Timed[] = [boot, [0, { kind: "fault", cause: "overheated" }]];
  it("is reset on record by the maintainer who sees that the cause is gone", () => {
    expect(play(saw, ...fault, [1, { kind: "reset", member: 5 }])).toMatchObject({ kind: "fault", words: ["mach.reset", "beep grant"] });
    expect(play(saw, ...fault, [1, { kind: "reset", member: 5 }], [2, { kind: "cleared" }]).kind).toBe("off");
    const open: readonly Timed[] = [...fault, [1, { kind: "safety", open: true, cause: "lid" }], [2, { kind: "reset", member: 5 }]];
    expect(play(saw, ...open).words).toEqual(["say DEVICE_FAULT", "beep deny"]);
    expect(play(saw, ...open, [3, { kind: "cleared" }]).kind).toBe("fault");
  });
});

describe("the node's own lockouts", () => {
  const following = (...events: readonly Parameters<typeof stepLockouts>[1][]) => events.reduce(stepLockouts, noLockouts);
  const hub = (...kinds: readonly ("oops" | "check" | "maintenance")[]) => ({ kind: "hub", kinds }) as const;
  it("a report blocks at once, until the hub has it or somebody clears it", () => {
    expect(lockoutsNow(following({ kind: "oops" }), [])).toEqual(["oops"]);
    expect(lockoutsNow(following({ kind: "oops" }, { kind: "cleared" }), [])).toEqual([]);
    expect(lockoutsNow(following({ kind: "oops" }, hub("oops"), hub()), [])).toEqual([]);
    expect(lockoutsNow(following({ kind: "oops" }, hub("maintenance")), ["maintenance"])).toEqual(["maintenance", "oops"]);
  });
  it("a check is due after use where the policy wants one", () => {
    const used = { kind: "used", member: 7, checks: true } as const;
    expect(lockoutsNow(following(used), [])).toEqual(["check"]);
    expect(lockoutsNow(following({ ...used, checks: false }), [])).toEqual([]);
    expect(following(used).lastMember).toBe(7);
    expect(following(used, { kind: "checked", accepted: false }).check).toBe("rejected");
  });
  it("an accepted check is over here before the hub knows", () => {
    const used = { kind: "used", member: 7, checks: true } as const;
    const accepted = following(used, hub("check"), { kind: "checked", accepted: true });
    expect(lockoutsNow(accepted, ["check"])).toEqual([]);
    expect(lockoutsNow(stepLockouts(accepted, used), ["check"])).toEqual(["check"]);
    const settled = stepLockouts(stepLockouts(accepted, hub()), hub("check"));
    expect(lockoutsNow(settled, ["check"])).toEqual(["check"]); // somebody ordered a new one
  });
  it("a check the hub has cleared is over here too", () =>
    expect(lockoutsNow(following({ kind: "used", member: 7, checks: true }, hub("check"), hub()), [])).toEqual([]));
  it("nothing new is the same object", () => {
    const state = following({ kind: "oops" });
    expect(stepLockouts(state, hub())).toBe(state);
    expect(stepLockouts(state, { kind: "oops" })).toBe(state);
  });
});
