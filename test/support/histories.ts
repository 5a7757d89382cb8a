/** Random machines with everything at once: overlapping sessions, jobs, downs, silence, power that contradicts itself. */
import fc from "fast-check";
import type { MachineHistory, Span, Step } from "#core";

const minute = 60_000;
/** The two weeks around the spring change of Riga, so that every border is in it. */
export const fortnight: Span = { fromMs: Date.UTC(2026, 2, 22, 22), toMs: Date.UTC(2026, 3, 5, 21) };
const lengthMs = fortnight.toMs - fortnight.fromMs;

/** Spans inside and across the ends of the fortnight; lengths from nothing to days, on odd milliseconds. */
const aSpan: fc.Arbitrary<Span> = fc
  .tuple(
    fc.integer({ min: -lengthMs / 4, max: lengthMs }),
    fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 600 * minute }), fc.integer({ min: 0, max: lengthMs / 2 })),
  )
  .map(([from, length]) => ({ fromMs: fortnight.fromMs + from, toMs: fortnight.fromMs + from + length }));
const spans = (maxLength: number) => fc.array(aSpan, { maxLength });
const steps = <V>(value: fc.Arbitrary<V>, maxLength: number): fc.Arbitrary<Step<V>[]> =>
  fc.array(
    fc.tuple(aSpan, value).map(([span, of]) => ({ ...span, value: of })),
    { maxLength },
  );
const purpose = fc.constantFrom("member", "class", "training", "maintenance", "test", "service" as const);

export const aHistory: fc.Arbitrary<MachineHistory> = fc.record({
  service: fc.oneof(fc.constant([{ fromMs: 0, toMs: 2 * fortnight.toMs }]), spans(3)),
  down: steps(fc.constantFrom("planned_down" as const, "unplanned_down" as const), 4),
  silent: spans(3),
  power: steps(fc.constantFrom("off" as const, "off" as const, "idle" as const, "busy" as const, "unknown" as const), 12),
  use: steps(
    fc.record({
      kind: fc.constantFrom("session" as const, "job" as const, "staff" as const),
      id: fc.integer({ min: 0, max: 30 }).map(String),
      member: fc.integer({ min: 0, max: 6 }),
      purpose,
    }),
    10,
  ),
  open: fc.option(spans(8)),
  away: spans(2),
  policy: fc.constantFrom("enforced" as const, "watched" as const, "left_powered" as const),
  leftOnAfterMs: fc.constantFrom(0, 5 * minute, 60 * minute),
});
