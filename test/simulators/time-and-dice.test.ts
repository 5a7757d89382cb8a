/** What makes a run repeatable (domain.md §6.5): the order of events, and dice that do not disturb one another. */
import { describe, expect, it } from "vitest";
import { dice } from "../../simulators/random.ts";
import { createVirtualScheduler } from "../../simulators/scheduler.ts";

describe("virtual time", () => {
  it("runs what is due in order of time, then of asking, and what was asked meanwhile in its place", async () => {
    const scheduler = createVirtualScheduler();
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${scheduler.nowMs()} ${name}`);
    scheduler.after(20, note("c"));
    scheduler.after(10, note("a"));
    scheduler.after(10, () => {
      note("b")();
      scheduler.after(10, note("d"));
      scheduler.after(0, note("at once"));
    });
    const cancel = scheduler.after(15, note("cancelled"));
    cancel();
    scheduler.after(21, note("later"));
    await scheduler.advanceTo(20);
    expect(ran).toEqual(["10 a", "10 b", "10 at once", "20 c", "20 d"]);
    expect(scheduler.nowMs()).toBe(20);
  });
  it("lets promises settle before what comes next", async () => {
    const scheduler = createVirtualScheduler();
    const ran: string[] = [];
    scheduler.after(1, () => void Promise.resolve().then(() => ran.push("promise")));
    scheduler.after(1, () => void ran.push("next"));
    await scheduler.advanceTo(1);
    expect(ran).toEqual(["promise", "next"]);
  });
  it("complains of what schedules itself for ever", async () => {
    const scheduler = createVirtualScheduler();
    const again = (): void => void scheduler.after(0, again);
    again();
    await expect(scheduler.advanceTo(1, 1000)).rejects.toThrow("schedules itself for ever");
  });
});

describe("dice", () => {
  const rolls = (seed: number, stream: string): number[] => {
    const { next } = dice(seed, stream);
    return Array.from({ length: 20 }, next);
  };
  it("fall the same for the same seed and name, and otherwise for any other", () => {
    expect(rolls(7, "people")).toEqual(rolls(7, "people"));
    const all = [rolls(7, "people"), rolls(8, "people"), rolls(7, "load saw"), rolls(7, "load laser")];
    expect(new Set(all.flat()).size).toBe(80);
  });
  it("of one name are not moved by how often another's were thrown", () => {
    const [people, saw] = [dice(7, "people"), dice(7, "load saw")];
    const mixed = Array.from({ length: 20 }, (_, i) => {
      for (let more = 0; more < i; more += 1) saw.next();
      return people.next();
    });
    expect(mixed).toEqual(rolls(7, "people"));
  });
});
