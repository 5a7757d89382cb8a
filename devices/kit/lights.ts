/**
 * The lamps of a place: how it stands, and in between what somebody there is told. What was told outlasts a lamp that is dark or as it
 * was; a place that goes on, or off for a reason, says so at once.
 *
 *   stands ───────────────▶ on, off, slow …             tells ── 3 s ──▶ as it stands
 *                                                        checks ── 1.5 s, or the answer ──▶ as it stands
 */
import { code } from "#contract";
import { isWaiting, type SayKey } from "#core";
import type { Screen } from "./screen.ts";

export type LightSign = "on" | "slow" | "fast" | "double" | "off";
export type Light = { show(sign: LightSign): void };
export type Lights = {
  stands(sign: LightSign): void;
  tells(sign: LightSign): void;
  /** A card is seen and is being asked. Its answer, or the end of the time, takes it back. */
  checks(): void;
};

/** how long a lamp shows what was said */
export const signMs = 3_000;
/** longest time from a card seen to its answer; a card that was taken away has none */
export const checkingMs = 1_500;

/** @param after  calls once, after so long; gives what takes it back */
export function createLights(lamps: readonly Light[], after: (delayMs: number, run: () => void) => () => void = timer): Lights {
  let standing: LightSign = "off";
  let over: "told" | "checking" | null = null;
  let cancel = (): void => undefined;
  const show = (sign: LightSign): void => {
    for (const lamp of lamps) lamp.show(sign);
  };
  const rest = (): void => {
    cancel();
    over = null;
    show(standing);
  };
  const overlay = (kind: "told" | "checking", sign: LightSign, forMs: number): void => {
    cancel();
    over = kind;
    show(sign);
    cancel = after(forMs, rest);
  };
  return {
    stands(sign) {
      const isNews = sign !== standing && sign !== "off";
      standing = sign;
      if (over !== "told" || isNews) rest();
    },
    tells: (sign) => overlay("told", sign, signMs),
    checks: () => overlay("checking", "slow", checkingMs),
  };
}

/** What a machine's lamp is told beside how the machine stands: one more step is wanted, or it was refused. Null: nothing. */
export function machineSignOf(key: SayKey): LightSign | null {
  const reason = code.safeParse(key).data;
  if (reason === undefined || reason.startsWith("GRANT")) return null;
  return isWaiting(reason) ? "double" : "fast";
}

/** What a place shows while a card is asked: lamp and display; a tick of the beeper only where there is neither, for it could be taken for a yes. */
export function checkingOf(signs: {
  readonly lamps: readonly Light[];
  readonly lights: Lights;
  readonly screen: Pick<Screen, "say"> | null;
  readonly sounds: readonly ({ beep(sign: "seen"): void } | undefined)[];
}): () => void {
  const { lamps, lights, screen, sounds } = signs;
  if (lamps.length === 0 && screen === null)
    return () => {
      for (const sound of sounds) sound?.beep("seen");
    };
  return () => {
    lights.checks();
    screen?.say("wait", checkingMs);
  };
}

const timer = (delayMs: number, run: () => void): (() => void) => {
  const running = setTimeout(run, delayMs).unref();
  return () => clearTimeout(running);
};
