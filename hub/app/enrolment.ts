/**
 * New nodes that say hello while the window is open: who they are, for a person to compare and adopt, and their keys once somebody has.
 * Kept in memory only: a newcomer says hello again every few seconds, and what was adopted is in the ledger.
 *
 *   hello ─ window open, or adopted? ─ is fp of its key? ─ room? ─ listed ─┬─ adopted ─ box + nonce, signed ─ offer
 *                                                                          └─ window closes ─ forgotten, disconnected
 */
import { decode, type EnrolHello, newcomerPrefix, offerSigned, toBase64Url } from "#contract";
import type { Adoption, Bus, Clock, Log } from "../ports.ts";
import type { Wire } from "./wire.ts";

export type Newcomer = {
  readonly fp: string;
  readonly words: string;
  readonly hello: EnrolHello;
  readonly sinceMs: number;
  /** the node it becomes; null until somebody adopts it */
  readonly adoptedAs: string | null;
};

export type Enrolment = {
  /** A message on a newcomer's topic. False when it could not be used. */
  hear(fp: string, path: string, bytes: Uint8Array): boolean;
  newcomers(): Newcomer[];
  /** Something was recorded: perhaps an adoption, or the window. */
  look(): void;
  /** Called every second. */
  tick(): void;
};

type Waiting = { readonly hello: EnrolHello; readonly words: string; readonly sinceMs: number; atMono: number; offeredMono: number };

/** A person compares one list; whoever fills it with rubbish is in it until it falls silent. */
export const newcomersMax = 20;
const silentMs = 30_000;
const offerEveryMs = 1000;

export function createEnrolment(given: {
  readonly adoption: Adoption;
  readonly bus: Pick<Bus, "drop">;
  readonly wire: Pick<Wire, "send">;
  readonly clock: Pick<Clock, "nowMs" | "monoMs">;
  readonly log: Log;
  readonly site: string;
}): Enrolment {
  const { adoption, bus, wire, clock, log, site } = given;
  const waiting = new Map<string, Waiting>();

  const offer = (fp: string, one: Waiting): void => {
    const nowMono = clock.monoMs();
    const found = nowMono - one.offeredMono < offerEveryMs ? undefined : adoption.offer(fp);
    if (found === undefined) return;
    one.offeredMono = nowMono;
    const body = { ...found.box, nonce: one.hello.nonce };
    const sig = toBase64Url(adoption.sign(offerSigned(site, fp, body)));
    void wire.send("enrolOffer", [fp], { ...body, hub: adoption.hub, sig });
  };
  const forget = (fp: string, why: string): void => {
    waiting.delete(fp);
    bus.drop(`${newcomerPrefix}${fp}`, why);
  };
  const hasRoom = (fp: string): boolean => waiting.has(fp) || waiting.size < newcomersMax || adoption.offer(fp) !== undefined;

  return {
    hear(fp, path, bytes) {
      if (adoption.untilMs() === null && adoption.offer(fp) === undefined) return false;
      const message = decode(site, path, bytes);
      if (!message.ok || message.topic !== "enrolHello") return false;
      const hello = message.body;
      const face = adoption.faceOf(hello.publicKey);
      if (hello.fp !== fp || face.fp !== fp) return false;
      if (!hasRoom(fp)) {
        bus.drop(`${newcomerPrefix}${fp}`, "too many new nodes"); // it comes back, and meanwhile takes nobody's place
        return false;
      }
      const known = waiting.get(fp);
      if (known === undefined) log.info({ fp, model: hello.model }, "A new node says hello; see `koprade node pending`.");
      const sinceMs = known?.sinceMs ?? clock.nowMs();
      const isSame = known?.hello.nonce === hello.nonce;
      const one = { hello, words: face.words, sinceMs, atMono: clock.monoMs(), offeredMono: isSame ? known.offeredMono : -Infinity };
      waiting.set(fp, one);
      offer(fp, one);
      return true;
    },
    newcomers: () =>
      [...waiting].map(([fp, { hello, words, sinceMs }]) => ({ fp, words, hello, sinceMs, adoptedAs: adoption.offer(fp)?.node ?? null })),
    look() {
      for (const [fp, one] of waiting) offer(fp, one);
    },
    tick() {
      if (waiting.size === 0) return;
      const isOpen = adoption.untilMs() !== null;
      for (const [fp, { atMono }] of waiting) {
        if (clock.monoMs() - atMono > silentMs) forget(fp, "silent");
        else if (!isOpen && adoption.offer(fp) === undefined) forget(fp, "the window for new nodes is closed");
      }
    },
  };
}
