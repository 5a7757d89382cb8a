/** The real clock, dice and log behind the ports. Programs bind these; tests and simulations bring their own. */

import { randomBytes, randomFillSync } from "node:crypto";
import { existsSync } from "node:fs";
import { pino } from "pino";
import { ulidOf } from "#contract";
import type { Clock, Ids, Log } from "./ports.ts";

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(_name, delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(_name, periodMs, run) {
    const timer = setInterval(run, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** Ten bytes at a time out of four kilobytes: one question to the generator costs more than the rest of a name. */
const pool = new Uint8Array(4000);
let used = pool.length;
function tenBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 10;
  return pool.subarray(used - 10, used);
}

export const systemIds: Ids = {
  ulid: () => ulidOf(Date.now(), tenBytes()),
  nonce: () => randomBytes(12).toString("hex"),
};

/** One process start: 16 hexadecimal digits. */
export const newBoot = (): string => randomBytes(8).toString("hex");

/** JSON lines on standard error, so that what a command prints on standard output stays its own. */
export function systemLog(level: "debug" | "info" | "warn" | "error"): Log {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return {
    info: (facts, sentence) => log.info(facts, sentence),
    warn: (facts, sentence) => log.warn(facts, sentence),
    error: (facts, sentence) => log.error(facts, sentence),
  };
}

const timesync = "/run/systemd/timesync";
const askAgainMs = 1000;
let asked = { atMono: Number.NEGATIVE_INFINITY, answer: true };

/**
 * False only where systemd-timesyncd runs and has not yet reached its servers; other keepers of time cannot be asked here.
 * Asked of the system at most once a second: every message that the hub sends wants to know.
 */
export function clockIsSynchronised(): boolean {
  const atMono = performance.now();
  if (atMono - asked.atMono >= askAgainMs) asked = { atMono, answer: !existsSync(timesync) || existsSync(`${timesync}/synchronized`) };
  return asked.answer;
}
