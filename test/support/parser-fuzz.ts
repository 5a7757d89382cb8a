/**
 * A seeded fuzzer for everything that reads what comes over a wire: chunks of noise, of good messages and of good messages that
 * were bent, at any pace. No parser may throw or keep more than its limit, and after whatever was said and a pause of its wire the
 * very next good message is heard.
 */
/** A parser as it is being talked to. */
type Talk = {
  hear(chunk: Uint8Array, atMs: number): void | Promise<void>;
  /** Bytes it keeps for what is unfinished. */
  buffered(): number;
  /** Plays one good message, in as many reads as it takes; true when it was heard. */
  good(atMs: number): boolean | Promise<boolean>;
};
export type FuzzTarget = {
  readonly name: string;
  /** what its wire really carries, to be sent whole, cut and bent */
  readonly samples: readonly Uint8Array[];
  readonly bufferedMax: number;
  /** a pause after which nothing is unfinished any more */
  readonly pauseMs: number;
  open(): Talk;
};
export type Fuzzed = {
  readonly name: string;
  readonly chunks: number;
  readonly thrown: number;
  readonly mostBuffered: number;
  readonly overLimit: number;
  /** good messages that were not heard after a pause */
  readonly unheard: number;
};

const checkEvery = 50;
const bendsMax = 3;

export async function fuzzParser(target: FuzzTarget, seed: number, chunks: number): Promise<Fuzzed> {
  const dice = createDice(seed, target.name);
  const talk = target.open();
  const found = { thrown: 0, mostBuffered: 0, overLimit: 0, unheard: 0 };
  let atMs = 1_000;
  const guarded = async (work: () => unknown): Promise<void> => {
    try {
      const outcome = work();
      if (outcome instanceof Promise) await outcome;
    } catch {
      found.thrown += 1;
    }
  };
  for (let i = 1; i <= chunks; i += 1) {
    atMs += dice.pick(pausesMs);
    const chunk = chunkOf(target.samples, dice);
    await guarded(() => talk.hear(chunk, atMs));
    const buffered = talk.buffered();
    if (buffered > found.mostBuffered) found.mostBuffered = buffered;
    if (buffered > target.bufferedMax) found.overLimit += 1;
    if (i % checkEvery !== 0) continue;
    atMs += target.pauseMs + 1;
    await guarded(async () => {
      if (!(await talk.good(atMs))) found.unheard += 1;
    });
    atMs += 1_000;
  }
  return { name: target.name, chunks, ...found };
}

const pausesMs = [0, 0, 1, 2, 5, 15, 30, 60, 120, 350] as const;

/** Noise, a message, a part of one, several, or one with bytes changed, left out, doubled or put in. */
function chunkOf(samples: readonly Uint8Array[], dice: Dice): Uint8Array {
  const kind = dice.below(6);
  if (kind === 0) return Uint8Array.from({ length: dice.below(40) }, () => dice.below(256));
  const bytes = [...dice.pick(samples)];
  if (kind === 1) return Uint8Array.from(bytes);
  if (kind === 2) return Uint8Array.from(bytes.slice(dice.below(bytes.length), 1 + dice.below(bytes.length)));
  if (kind === 3) return Uint8Array.from([...bytes, ...dice.pick(samples)]);
  for (let bend = 1 + dice.below(bendsMax); bend > 0; bend -= 1) {
    const at = dice.below(bytes.length + 1);
    const how = dice.below(4);
    if (how === 0) bytes[at] = dice.below(256);
    else if (how === 1) bytes.splice(at, 1 + dice.below(3));
    else if (how === 2) bytes.splice(at, 0, ...bytes.slice(at, at + 1 + dice.below(8)));
    else bytes.splice(at, 0, dice.below(256));
  }
  return Uint8Array.from(bytes);
}

type Dice = { below(limit: number): number; pick<T>(list: readonly T[]): T };

/** Fast and seeded (SplitMix32); each target has a stream of its own. */
function createDice(seed: number, stream: string): Dice {
  let state = [...stream].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, seed >>> 0);
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  return {
    below: (limit) => (limit <= 0 ? 0 : next() % limit),
    pick(list) {
      const picked = list[next() % list.length];
      if (picked === undefined) throw new RangeError("nothing to pick from");
      return picked;
    },
  };
}
