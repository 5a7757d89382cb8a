/** Random schedules of one machine's day: policy, network and people change; power is never taken from a load that works (R3). */
import { dice } from "../../simulators/random.ts";
import { playMachine } from "../hub/core/random-machine.ts";

export const name = "schedules";
const seconds = 400;

export function playSchedules({ seed, schedules }: { seed: number; schedules: number }) {
  const random = dice(seed, "schedules");
  const wrong: string[] = [];
  let sessions = 0;
  let runs = 0;
  let lingeredMs = 0;
  for (let schedule = 0; schedule < schedules; schedule += 1) {
    const played = playMachine(random, seconds, "policy");
    for (const { atMono, why } of played.cuts) wrong.push(`schedule ${schedule} at ${atMono}: ${why}`);
    for (const why of played.broken) wrong.push(`schedule ${schedule}: ${why}`);
    if (played.unasked > 0) wrong.push(`schedule ${schedule}: a permit that nobody asked for`);
    sessions += played.told.filter(({ body }) => body.kind === "mach.session_started").length;
    runs += played.told.filter(({ body }) => body.kind === "mach.run_started").length;
    lingeredMs = Math.max(lingeredMs, played.lingeredMs);
  }
  return { schedules, sessions, runs, cuts: wrong.length, lingeredS: Math.round(lingeredMs / 1000), wrong };
}

export async function run(seed: number): Promise<{ figures: Record<string, number | string> }> {
  const { wrong, ...figures } = playSchedules({ seed, schedules: 10_000 });
  if (wrong.length > 0) throw new Error(wrong.slice(0, 5).join("\n"));
  return { figures };
}
