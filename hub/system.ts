/** The real clock, dice and log behind the ports. Programs bind these; tests and simulations bring their own. */
import { randomBytes } from "node:crypto";
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

export const systemIds: Ids = {
  ulid: () => ulidOf(Date.now(), randomBytes(10)),
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
