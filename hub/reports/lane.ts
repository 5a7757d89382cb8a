/**
 * A machine's month as a lane: a letter for each hour that went by. The hour shows what lasted longest in it; use, breakdown or
 * doubt of a quarter of an hour or more goes before free and closed, so that short work stays visible.
 */
import type { DerivedState, Span, Stretch } from "#core";
import { looks } from "./state-look.ts";

const hourMs = 3_600_000;
const tellingMs = hourMs / 4;
const quiet: ReadonlySet<DerivedState> = new Set(["free", "closed", "not_in_service", "standby"]);

/** @param stretches  in order, without gap; @returns a letter per hour from the beginning of `span`, the last one may be cut short */
export function laneOf(stretches: readonly Stretch[], span: Span): string {
  const hours: Map<DerivedState, number>[] = Array.from({ length: Math.ceil((span.toMs - span.fromMs) / hourMs) }, () => new Map());
  for (const { fromMs, toMs, state } of stretches) {
    const last = Math.ceil((toMs - span.fromMs) / hourMs);
    for (let hour = Math.floor((fromMs - span.fromMs) / hourMs); hour < last; hour += 1) {
      const startMs = span.fromMs + hour * hourMs;
      const lasted = Math.min(toMs, startMs + hourMs) - Math.max(fromMs, startMs);
      const here = hours[hour];
      if (here !== undefined && lasted > 0) here.set(state, (here.get(state) ?? 0) + lasted);
    }
  }
  return hours.map(letterOf).join("");
}

function letterOf(hour: ReadonlyMap<DerivedState, number>): string {
  const all = [...hour];
  const telling = all.filter(([state, ms]) => !quiet.has(state) && ms >= tellingMs);
  const longest = (telling.length > 0 ? telling : all).reduce<readonly [DerivedState, number]>(
    (best, one) => (one[1] > best[1] ? one : best),
    ["unknown", 0],
  );
  return looks[longest[0]].letter;
}
