/** Names for events, sessions, requests and boots, made from a clock and dice. */
import { ulidOf } from "#contract";
import type { Clock, Dice } from "./ports.ts";

export type Ids = {
  ulid(): string;
  /** 96 random bits as 24 hexadecimal digits */
  nonce(): string;
};

export function createIds(given: { readonly clock: Clock; readonly dice: Dice }): Ids {
  return {
    ulid: () => ulidOf(Math.max(0, Math.trunc(given.clock.nowMs())), given.dice(10)),
    nonce: () => given.dice(12).toHex(),
  };
}

/** One process start: 16 hexadecimal digits. */
export function newBootId(dice: Dice): string {
  return dice(8).toHex();
}
