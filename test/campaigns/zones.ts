/**
 * Opening hours in every time zone there is, around every clock change from 2010 to 2037 and on an ordinary day of zones that have
 * none, minute by minute: `isOpen`, `nextChange`, where dates begin and end.
 */
import { dice } from "../../simulators/random.ts";
import { contradiction, randomHours, transitionsOf } from "../support/zone-sweep.ts";

export const name = "zones";

/** @param changesMost  looks at no more clock changes of a zone than this, chosen by the seed */
export function sweepZones(seed: number, fromYear: number, toYear: number, changesMost = Number.POSITIVE_INFINITY) {
  const random = dice(seed, "zones");
  const zones = Intl.supportedValuesOf("timeZone");
  const wrong: string[] = [];
  let changes = 0;
  let windows = 0;
  for (const tz of zones) {
    const found = transitionsOf(tz, fromYear, toYear);
    changes += found.length;
    while (found.length > changesMost) found.splice(random.int(0, found.length - 1), 1);
    const ordinary = Date.UTC(random.int(fromYear, toYear - 1), random.int(0, 11), random.int(1, 28), random.int(0, 23));
    for (const atMs of [...found, ...(found.length === 0 || found.length > 1 ? [ordinary] : [])]) {
      windows += 1;
      const what = contradiction(tz, atMs, randomHours(random, atMs, tz), random);
      if (what !== null) wrong.push(what);
    }
  }
  return { zones: zones.length, changes, windows, minutes: windows * 56 * 60, wrong };
}

export async function run(seed: number): Promise<{ figures: Record<string, number> }> {
  const { wrong, ...figures } = sweepZones(seed, 2010, 2038);
  for (const what of wrong.slice(0, 20)) process.stderr.write(`${what}\n`);
  if (wrong.length > 0) process.exitCode = 1;
  return { figures: { ...figures, wrong: wrong.length } };
}
