/**
 * Current clamps of the SCT-013 family on an ADC biased at half its supply. A clamp gives amperes of one conductor, never watts,
 * and 0 around a whole cable: its silence proves nothing. Noise alone reads 0.04 to 0.06 A.
 */

export type ClampScale = {
  /** primary amperes per volt at the ADC */
  readonly ampsPerVolt: number;
  /** the largest sine that fits the ADC */
  readonly fullScalePeakA: number;
  readonly fullScaleRmsA: number;
};

const adcSupplyV = 3.3;

/** A clamp with a current output (SCT-013-000: 2000 turns) needs a burden resistor, which sets its scale. */
export function clampWithBurden(turns: number, burdenOhm: number): ClampScale | null {
  return turns > 0 && burdenOhm > 0 ? clampScale(turns / burdenOhm) : null;
}

/** A clamp with a voltage output (SCT-013-030: 30 A give 1 V) has its burden inside; an outer one would falsify it. */
export function clampScale(ampsPerVolt: number): ClampScale {
  const fullScalePeakA = (adcSupplyV / 2) * ampsPerVolt;
  return { ampsPerVolt, fullScalePeakA, fullScaleRmsA: fullScalePeakA * Math.SQRT1_2 };
}
