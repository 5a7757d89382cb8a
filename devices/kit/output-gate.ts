/**
 * Between a decision and a wire. Switching off happens at once, waits for nothing and is repeated until the wire obeys;
 * switching on waits until everything on record so far is on the disk, for 2 s at most (D10). A disk that cannot write grants
 * nothing: a refused person can tap again, a grant that nobody recorded is lost for good.
 */
import type { Outbox } from "./outbox.ts";
import type { Runtime } from "./runtime.ts";

export const durableLimitMs = 2000;
const offAgainMs = 1000;

/** Drives the wire; `done` tells why it did not obey, or null. */
export type Drive = (on: boolean, done: (failure: string | null) => void) => void;
export type OutputGate = {
  /** `isUrgent`: exit button and emergency release, which wait for nothing either. */
  set(on: boolean, isUrgent?: boolean): void;
  /** Tells an output that is on again that it is on, for longer, under the same conditions. Refused, it ends as it was to end. */
  prolong(isUrgent?: boolean): void;
  /** What the wire was last told. */
  isOn(): boolean;
  /** The wire let go by itself: its board is gone. */
  noteFallen(): void;
};

export type OutputGateGiven = {
  readonly name: string;
  readonly outbox: Pick<Outbox, "whenDurable">;
  readonly runtime: Pick<Runtime, "input" | "startTimer" | "stopTimer">;
  readonly drive: Drive;
  /** The wire was told something else than before. */
  readonly onChange: (on: boolean) => void;
  /** The wire has obeyed, and is on. */
  readonly onApplied?: () => void;
  /** Not switched on: the record could not be made durable in time, or the wire did not obey. */
  readonly onRefused: (why: string) => void;
  readonly limitMs?: number;
};

export function createOutputGate(given: OutputGateGiven): OutputGate {
  const { runtime } = given;
  let isOn = false;
  /** which wish is the latest; an older one that becomes durable later moves nothing */
  let wish = 0;

  const tell = (on: boolean) => {
    const mine = wish;
    const isChange = on !== isOn;
    isOn = on;
    given.drive(on, (failure) =>
      runtime.input(() => {
        if (mine !== wish) return;
        if (failure === null) {
          if (on) given.onApplied?.();
        } else if (on) {
          wish += 1;
          tell(false); // no answer is not off: it may have obeyed after all
          given.onRefused(failure);
        } else runtime.startTimer(`${given.name} off again`, offAgainMs, () => mine === wish && tell(false));
      }),
    );
    if (isChange) given.onChange(on);
  };
  return {
    set(on, isUrgent = false) {
      if (on && isOn && !isUrgent) return;
      wish += 1;
      const mine = wish;
      runtime.stopTimer(`${given.name} off again`);
      if (!on || isUrgent) {
        tell(on);
        return;
      }
      given.outbox.whenDurable(given.limitMs ?? durableLimitMs, (isDurable) =>
        runtime.input(() => {
          if (mine !== wish) return;
          if (isDurable) tell(true);
          else given.onRefused("the record of the grant could not be written in time");
        }),
      );
    },
    prolong(isUrgent = false) {
      const mine = wish;
      if (isUrgent && isOn) return tell(true);
      given.outbox.whenDurable(given.limitMs ?? durableLimitMs, (isDurable) =>
        runtime.input(() => isDurable && isOn && mine === wish && tell(true)),
      );
    },
    isOn: () => isOn,
    noteFallen() {
      wish += 1;
      runtime.stopTimer(`${given.name} off again`);
      if (!isOn) return;
      isOn = false;
      given.onChange(false);
    },
  };
}
