/** Stretches of time as half-open intervals of UTC milliseconds, and the few operations every number of a report rests on. */

export type Span = { readonly fromMs: number; readonly toMs: number };
/** A stretch of a step function: the value holds from `fromMs` until just before `toMs`. */
export type Step<V> = Span & { readonly value: V };

/** Sorted, without overlap, without empty ones; what touches becomes one. */
export function union(spans: readonly Span[]): Span[] {
  const sorted = spans.filter((span) => span.toMs > span.fromMs).sort((a, b) => a.fromMs - b.fromMs);
  const out: { fromMs: number; toMs: number }[] = [];
  for (const span of sorted) {
    const last = out.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else out.push({ fromMs: span.fromMs, toMs: span.toMs });
  }
  return out;
}

/** What lies in both. */
export function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const [left, right] = [union(a), union(b)];
  const out: Span[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const [x, y] = [left[i], right[j]];
    if (x === undefined || y === undefined) return out;
    const fromMs = Math.max(x.fromMs, y.fromMs);
    const toMs = Math.min(x.toMs, y.toMs);
    if (toMs > fromMs) out.push({ fromMs, toMs });
    if (x.toMs < y.toMs) i += 1;
    else j += 1;
  }
}

/** What lies in `a` and in none of `b`. */
export function subtract(a: readonly Span[], b: readonly Span[]): Span[] {
  const holes = union(b);
  const out: Span[] = [];
  let i = 0;
  for (const span of union(a)) {
    let at = span.fromMs;
    for (let hole = holes[i]; hole !== undefined && hole.fromMs < span.toMs; hole = holes[i]) {
      if (hole.fromMs > at) out.push({ fromMs: at, toMs: hole.fromMs });
      at = Math.max(at, hole.toMs);
      if (hole.toMs > span.toMs) break; // it reaches into the next one too
      i += 1;
    }
    if (at < span.toMs) out.push({ fromMs: at, toMs: span.toMs });
  }
  return out;
}

/** Length without counting anything twice, in ms. */
export function lengthMs(spans: readonly Span[]): number {
  return union(spans).reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
}

export const within = (atMs: number, span: Span): boolean => atMs >= span.fromMs && atMs < span.toMs;

/** The length two spans have in common, in ms. */
export const sharedMs = (a: Span, b: Span): number => Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));
