/**
 * What this node needs to believe cards that prove themselves: the keys it was given, and the last counter of every card it has
 * believed. A counter is on the disk before the card opens anything, so that a restart forgets none.
 */
import * as z from "zod";
import { cardKey } from "#contract";
import { cardKeyOf } from "./authorise.ts";
import type { NodePorts } from "./node.ts";

/** Newest last. More cards than a space has members; beyond that the card that was longest away is forgotten. */
const cardsMax = 4_000;
/** A disk that takes longer is no proof of anything. */
const saveMs = 2_000;
const kept = z.array(z.tuple([cardKey, z.int().min(0)])).max(cardsMax);

export type CounterOutcome = "rises" | "stale" | "not kept";
/** What the drivers ask for; `keys` are the site's (drivers/card-keys.ts). */
export type Proving = {
  readonly keys: NonNullable<NodePorts["keys"]["cards"]>;
  readonly dice: NodePorts["dice"];
  counterRises(number: string, counter: number): Promise<CounterOutcome>;
};

/** Null for a node whose keys were made before cards could prove themselves. */
export function provingOf({ keys, dice, files, clock, log }: Pick<NodePorts, "keys" | "dice" | "files" | "clock" | "log">): Proving | null {
  if (keys.cards === undefined) return null;
  const parsed = kept.safeParse(files.load("card-counters"));
  const counters = new Map(parsed.success ? parsed.data : []);
  return {
    keys: keys.cards,
    dice,
    async counterRises(number, counter) {
      const card = cardKeyOf(keys.card, number);
      if (counter <= (counters.get(card) ?? -1)) return "stale";
      counters.delete(card);
      counters.set(card, counter);
      const [oldest] = counters.keys();
      if (counters.size > cardsMax && oldest !== undefined) counters.delete(oldest);
      return (await saved(files.save("card-counters", [...counters]), clock)) ? "rises" : notKept(log);
    },
  };
}

function notKept(log: NodePorts["log"]): "not kept" {
  log.warn({}, "a card's counter could not be saved; the card counts as its number only");
  return "not kept";
}

function saved(work: Promise<void>, clock: NodePorts["clock"]): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after("card counter", saveMs, () => resolve(false));
    work.then(
      () => {
        cancel();
        resolve(true);
      },
      () => {
        cancel();
        resolve(false);
      },
    );
  });
}
