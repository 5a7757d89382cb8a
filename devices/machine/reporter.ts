/** What the hub and its pages see of a machine: told when it is another one than before, and by what that came. */
import type { InterlockState } from "#core";
import type { Node } from "../kit/node.ts";
import { reportOf } from "./machine-facts.ts";

export type Reporter = { report(cause: string): void };

export function createReporter(given: {
  readonly node: Node;
  readonly ch: string;
  readonly state: () => InterlockState;
  readonly isPermitted: () => boolean;
  readonly powerW: () => number | null;
}): Reporter {
  let seq = 0;
  let told = "";
  return {
    report(cause) {
      const state = given.state();
      const facts = reportOf(state, given.isPermitted());
      const text = JSON.stringify(facts);
      if (text === told) return;
      told = text;
      seq += 1;
      const { sinceMono, energyWh } = state;
      given.node.link.report(given.ch, {
        ...facts,
        powerW: given.powerW(),
        energyWh: energyWh === null ? null : Math.max(0, energyWh),
        sinceMono: Math.max(0, Math.floor(sinceMono)),
        seq,
        cause,
      });
    },
  };
}
