/**
 * Dice of the simulated building: one seed, independent streams by name, so that adding a machine does not change what the
 * people do. SplitMix64 (Steele, Lea, Flood 2014).
 */

const mask = 0xffff_ffff_ffff_ffffn;

export type Dice = {
  /** 0 ≤ x < 1 */
  next(): number;
  /** whole number, both ends included */
  int(least: number, most: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
  /** log-normal: the median and the spread of its logarithm */
  lognormal(median: number, sigma: number): number;
  /** waiting time of a Poisson process, in the unit of `mean` */
  exponential(mean: number): number;
};

export function dice(seed: number, stream: string): Dice {
  let state = (BigInt(seed) ^ hash(stream)) & mask;
  const next = (): number => {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & mask;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & mask;
    return Number((z ^ (z >> 31n)) >> 11n) / 2 ** 53;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    int: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick(list) {
      const picked = list[Math.floor(next() * list.length)];
      if (picked === undefined) throw new RangeError("nothing to pick from");
      return picked;
    },
    chance: (probability) => next() < probability,
    lognormal: (median, sigma) => median * Math.exp(sigma * normal()),
    exponential: (mean) => -mean * Math.log(1 - next()),
  };
}

/** FNV-1a, 64 bit. */
function hash(text: string): bigint {
  let value = 0xcbf2_9ce4_8422_2325n;
  for (const character of text) value = ((value ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100_0000_01b3n) & mask;
  return value;
}
