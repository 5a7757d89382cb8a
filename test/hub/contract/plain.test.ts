import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { envelope, type Topic, topics } from "#contract";
import { isPlainBody, isPlainEnvelope } from "../../../hub/contract/plain.ts";
import { arbitraryOf } from "../../support/arbitrary.ts";

/** What nodes and hub say all day; whatever is rarer takes the schema's way. */
const usual = {
  channelTelemetry: { t0Mono: 0, stepMs: 1000, powerW: [60, null, 61.5], voltageV: 230.1, energyWh: 1234 },
  accessRequest: {
    nonce: "0".repeat(24),
    ch: "machine",
    kind: "start",
    presented: [{ cardKey: "0".repeat(32), ageMs: 1 }],
    gesture: "tap",
    snapshot: { epoch: 1, version: 2 },
  },
  accessResponse: {
    nonce: "0".repeat(24),
    decision: "0".repeat(26),
    outcome: "grant",
    reason: "GRANT",
    also: ["LOCKED_OUT"],
    member: 7,
    display: { key: "GRANT", params: {} },
    permit: {
      leaseMs: 60_000,
      idleMs: 0,
      graceMs: 0,
      enableMs: 1000,
      strikeMs: 0,
      shuntMs: 0,
      attended: true,
      holdPolicy: "until_idle",
    },
    pendingMs: null,
    boot: "0".repeat(16),
    conn: 1,
  },
  eventAck: { boot: "0".repeat(16), upTo: 12 },
} satisfies Partial<Record<Topic, unknown>>;
const known = Object.keys(usual) as (keyof typeof usual)[];

/** What JSON can hold where something else is expected, at the edges above all. */
const strange: readonly unknown[] = [
  ...[null, true, "", "x".repeat(33), "x".repeat(41), "x".repeat(61), [], {}, { x: 1 }, [1], [{}]],
  ...[-1, 0.5, 99, 30_001, 300_001, 600_001, 43_200_001, 100_001, -100_001, 1e300, 2 ** 53, 8_640_000_000_000_001],
  ...["0".repeat(15), "0".repeat(16), "0".repeat(24), "0".repeat(26), "0".repeat(32), "8".repeat(26), "ab", "-ab", "no_such_word"],
];

/** The value with each place in it in turn left out, joined by a stranger, repeated, or replaced by each of `others`. */
function* bent(value: unknown, others: readonly unknown[]): Generator<unknown> {
  yield* others;
  if (Array.isArray(value)) {
    yield Array.from({ length: 50 }, () => value).flat();
    for (const [at, item] of value.entries()) for (const other of bent(item, others)) yield value.with(at, other);
  } else if (typeof value === "object" && value !== null) {
    yield { ...value, stranger: 1 };
    for (const [key, inner] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      for (const other of bent(inner, others)) yield { ...value, [key]: other };
    }
  }
}
/** As it comes off the wire. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.each(known)("what is plainly a %s", (topic) => {
  const { body } = topics[topic];
  const check = (value: unknown): void => {
    if (!isPlainBody(topic, value)) return;
    const read = body.safeParse(value);
    if (!read.success) throw new Error(`the schema refuses ${JSON.stringify(value)}: ${JSON.stringify(read.error.issues[0])}`);
    expect(read.data).toStrictEqual(value);
  };
  it("is recognised in its common form", () => {
    const given = usual[topic];
    expect(body.parse(given)).toStrictEqual(given);
    expect(isPlainBody(topic, given)).toBe(true);
  });
  it("the schema accepts unchanged, wherever the common form is bent", () => {
    for (const value of bent(usual[topic], strange)) check(sent(value));
  });
  it("the schema accepts unchanged, whatever it is", () => {
    const pair = fc.tuple(arbitraryOf(body), arbitraryOf(body), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(pair, ([one, two, rubbish]) => {
        const mixed = Object.entries(two as object).filter((_, i) => i % 2 === 0);
        for (const value of [one, { ...(one as object), ...Object.fromEntries(mixed) }, rubbish]) check(sent(value));
      }),
      { numRuns: 300 },
    );
  });
});

describe("what is plainly an envelope", () => {
  const usually = { v: 1, id: "0".repeat(26), type: "x", src: "laser-node", boot: "0".repeat(16), conn: 1, mono: 5, ts: 7, tq: "synced" };
  it("the schema accepts with the same fields, wherever it is bent", () => {
    expect(isPlainEnvelope(usually)).toBe(true);
    for (const value of bent(usually, strange)) {
      const whole = sent(value);
      if (!isPlainEnvelope(whole)) continue;
      const read = envelope.safeParse(whole);
      if (!read.success) throw new Error(`the schema refuses ${JSON.stringify(whole)}: ${JSON.stringify(read.error.issues[0])}`);
      expect(whole).toMatchObject(read.data);
    }
  });
});
