/** The invariant of the time accounting: stretches follow one another without gap or overlap, and their lengths add up exactly. */
import { type MachineHistory, type Span, stateLengths, timeline } from "#core";

/** @throws Error that says where the timeline breaks */
export function partitionsExactly(history: MachineHistory, span: Span): void {
  const stretches = timeline(history, span);
  let atMs = span.fromMs;
  for (const stretch of stretches) {
    if (stretch.fromMs !== atMs) throw new Error(`a stretch begins at ${stretch.fromMs}, the one before ends at ${atMs}`);
    if (stretch.toMs <= stretch.fromMs) throw new Error(`an empty stretch at ${stretch.fromMs}`);
    atMs = stretch.toMs;
  }
  const sum = Object.values(stateLengths(stretches)).reduce((all, ms) => all + ms, 0);
  if (atMs !== span.toMs || sum !== span.toMs - span.fromMs) throw new Error(`${sum} ms of ${span.toMs - span.fromMs}`);
}
