/** Stretches of time as half-open intervals of UTC milliseconds, and the few operations every number of a report rests on. */

export type Span = { readonly fromMs: number; readonly toMs: number };

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
  while (i < left.length && j < right.length) {
    const [x, y] = [left[i] as Span, right[j] as Span];
    const fromMs = Math.max(x.fromMs, y.fromMs);
    const toMs = Math.min(x.toMs, y.toMs);
    if (toMs > fromMs) out.push({ fromMs, toMs });
    if (x.toMs < y.toMs) i += 1;
    else j += 1;
  }
  return out;
}

/** What lies in `a` and in none of `b`. */
export function subtract(a: readonly Span[], b: readonly Span[]): Span[] {
  const holes = union(b);
  return union(a).flatMap((span) => {
    const out: Span[] = [];
    let at = span.fromMs;
    for (const hole of holes) {
      if (hole.toMs <= at || hole.fromMs >= span.toMs) continue;
      if (hole.fromMs > at) out.push({ fromMs: at, toMs: hole.fromMs });
      at = hole.toMs;
    }
    if (at < span.toMs) out.push({ fromMs: at, toMs: span.toMs });
    return out;
  });
}

/** Length without counting anything twice, in ms. */
export function lengthMs(spans: readonly Span[]): number {
  return union(spans).reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
}
