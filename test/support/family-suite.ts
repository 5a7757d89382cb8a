/**
 * What every hosted family must keep, whatever its devices say: recorded lines and lines nobody recorded are heard without a throw, no
 * zero comes out that was not sent, what the broker had kept does nothing, and a message that comes twice changes nothing.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DeviceAddress, type Heard, type HostedFamily, isAmong, type Order, type Sense } from "../../hub/hosted/family.ts";

export type FamilyCase = {
  readonly family: HostedFamily;
  /** file of recorded lines in test/fixtures */
  readonly fixture: string;
  /** whose a recorded message is; null for a line that is no message to the hub */
  readonly addressOf: (topic: string) => DeviceAddress | null;
  /** how a recorded line of HTTP reaches the family; a message of MQTT needs none */
  readonly answerOf?: (topic: string, body: string) => Heard;
  /** an address to give orders to */
  readonly address: DeviceAddress;
  /** orders that it knows */
  readonly knows: readonly Order["kind"][];
};

type Line = { readonly topic?: unknown; readonly payload?: unknown; readonly sequence?: unknown; readonly direction?: unknown };
const nowMs = 1_800_000_000_000;

/** Messages of the recorded lines to the hub, in order. */
export function recordedMessages({
  fixture,
  addressOf,
  answerOf,
}: FamilyCase): { readonly address: DeviceAddress; readonly heard: Heard }[] {
  const lines = readFileSync(new URL(`../fixtures/${fixture}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.flatMap((text) => {
    const line = JSON.parse(text) as Line;
    if (line.direction === "hub->device") return [];
    const messages = Array.isArray(line.sequence) ? (line.sequence as Line[]) : [line];
    return messages.flatMap(({ topic, payload }) => {
      if (typeof topic !== "string" || typeof payload !== "string") return [];
      const address = addressOf(topic);
      const heard: Heard = answerOf?.(topic, payload) ?? { kind: "mqtt", topic, payload, retained: false };
      return address === null ? [] : [{ address, heard }];
    });
  });
}

const numbersOf = (senses: readonly Sense[]): number[] =>
  senses.flatMap((sense) => {
    if (sense.kind === "power") return [sense.powerW, sense.energyWh].filter((value) => typeof value === "number");
    return sense.kind === "job" && typeof sense.percent === "number" ? [sense.percent] : [];
  });
const textOf = (heard: Heard): string => (heard.kind === "mqtt" ? heard.payload : heard.body);
const withText = (heard: Heard, text: string): Heard => (heard.kind === "mqtt" ? { ...heard, payload: text } : { ...heard, body: text });
const hasZeroOf = (payload: string): boolean => /(^|[^\d.])-?0+(\.0+)?([^\d.]|$)/.test(payload);

export function testFamily(of: FamilyCase): void {
  const { family, address } = of;
  const messages = recordedMessages(of);
  const hear = (heard: Heard, at: DeviceAddress) => family.open(at).hear(heard, nowMs);

  describe(`${family.label} as a hosted family`, () => {
    it("hears its recorded lines, and something of them", () => {
      expect(messages.length).toBeGreaterThan(3);
      expect(messages.filter(({ heard, address: at }) => hear(heard, at).length > 0).length).toBeGreaterThan(messages.length / 4);
    });
    if (family.transport.kind !== "http")
      it("takes nothing that the broker had kept for now, but that it is there", () => {
        for (const { heard, address: at } of messages) {
          const device = family.open(at);
          expect(device.hear({ ...heard, retained: true } as Heard, nowMs).filter(({ kind }) => kind !== "availability")).toEqual([]);
          expect(device.hear(heard, nowMs)).toEqual(hear(heard, at));
        }
      });
    it("says the same of the same message a moment later, and never a card of one that had none", () => {
      for (const { heard, address: at } of messages) {
        const device = family.open(at);
        const [first, second] = [device.hear(heard, nowMs), device.hear(heard, nowMs)];
        const kinds = new Set(first.map(({ kind }) => kind));
        expect(second.every(({ kind }) => kinds.has(kind))).toBe(true);
      }
    });
    // who has a connection of its own hears nobody else on it
    if (family.transport.kind === "mqtt")
      it("is deaf to other devices", () => {
        for (const { heard, address: at } of messages) {
          expect(family.open({ ...at, name: "somebody-else" }).hear(heard, nowMs)).toEqual([]);
        }
      });
    it("answers what nobody recorded without a throw, and never with a zero that was not sent", () => {
      const mutated = fc
        .tuple(
          fc.constantFrom(...messages),
          fc.nat(400),
          fc.nat(14),
          fc.constantFrom("", "null", "-1", "1e999", '"', "{", "]", ",", "nan", "\u0000", "é", '"x"', "[]"),
        )
        .map(([{ heard, address: at }, from, drop, put]) => {
          const payload = textOf(heard);
          return { address: at, heard: withText(heard, payload.slice(0, from) + put + payload.slice(from + drop)) };
        });
      fc.assert(
        fc.property(mutated, ({ heard, address: at }) => {
          const senses = hear(heard, at);
          const payload = textOf(heard);
          if (!hasZeroOf(payload)) expect(numbersOf(senses).filter((value) => value === 0)).toEqual([]);
          expect(numbersOf(senses).every(Number.isFinite)).toBe(true);
        }),
        { numRuns: 150, seed: 7 },
      );
    });
    it("hears any order of its messages, cut or whole, without a throw", () => {
      const some = fc.array(fc.tuple(fc.constantFrom(...messages), fc.nat(60), fc.boolean()), { maxLength: 12 });
      fc.assert(
        fc.property(some, (list) => {
          const device = family.open(address);
          for (const [{ heard }, length, isCut] of list)
            device.hear(isCut ? withText(heard, textOf(heard).slice(0, length)) : heard, nowMs);
        }),
        { numRuns: 40, seed: 11 },
      );
    });
    it("sends orders only to where its device may hear, and none of them is empty or unknown to it", () => {
      const card = { medium: "iso14443a", hex: "04A23B1C5D6E80" } as const;
      const orders: readonly Order[] = [
        { kind: "on", forS: 600 },
        { kind: "off" },
        { kind: "refresh", forS: 600 },
        { kind: "ask" },
        { kind: "identify" },
        { kind: "open" },
        { kind: "list" },
        { kind: "admit", card, untilS: 1_900_000_000 },
        { kind: "expel", card },
      ];
      const { transport } = family;
      const hears = transport.kind === "mqtt" ? transport.topics(address).hears : null;
      for (const order of orders) {
        const requests = family.orders(order, address);
        expect([order.kind, requests.length > 0]).toEqual([order.kind, of.knows.includes(order.kind)]);
        for (const request of requests)
          if (request.kind === "mqtt" && hears !== null) expect(isAmong(hears, request.topic), request.topic).toBe(true);
      }
      for (const request of family.provision(address, 600)?.requests ?? [])
        if (request.kind === "mqtt" && hears !== null) expect(isAmong(hears, request.topic), request.topic).toBe(true);
    });
    it("says what it cannot do", () => {
      expect(family.cannot.length).toBeGreaterThan(0);
    });
  });
}
