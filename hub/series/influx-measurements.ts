/** What the hub writes to InfluxDB: the client's schema and the table of the handbook come from here. One tag, the machine, and none for people. */
export type FieldKind = "number" | "yes" | "word";
export type Field = { readonly kind: FieldKind; readonly unit: string; readonly says: string };
export type Measurement = { readonly when: string; readonly fields: Readonly<Record<string, Field>> };

const number = (unit: string, says: string): Field => ({ kind: "number", unit, says });

export const measurements = {
  power: {
    when: "each sample of a meter, 1 Hz",
    fields: {
      power_w: number("W", "what the machine draws"),
      energy_wh: number("Wh", "the meter's own counter: it may fall, or start again at 0"),
      silent: { kind: "yes", unit: "–", says: "the meter was asked and said nothing" },
    },
  },
  state: { when: "each change", fields: { status: { kind: "word", unit: "–", says: "state of the machine, as on the pages" } } },
  power_minute: {
    when: "each minute with a sample, at its beginning in UTC",
    fields: {
      mean_w: number("W", "mean of the known part"),
      min_w: number("W", "least"),
      max_w: number("W", "most"),
      energy_wh: number("Wh", "taken in that minute"),
      known_s: number("s", "how much of the minute is known"),
    },
  },
  usage_hour: {
    when: "each hour with a sample, at its beginning in UTC; written again when more of it arrives",
    fields: {
      energy_wh: number("Wh", "taken in that hour"),
      known_s: number("s", "how much of the hour is known"),
      busy_s: number("s", "at work, by the thresholds of `version`"),
      idle_s: number("s", "on, not at work"),
      starts: number("–", "how often work began"),
      version: number("–", "which of the machine's thresholds"),
    },
  },
} as const satisfies Readonly<Record<string, Measurement>>;

export const fieldNames = <Name extends keyof typeof measurements>(name: Name): readonly string[] => Object.keys(measurements[name].fields);
