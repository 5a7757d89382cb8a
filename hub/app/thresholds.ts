/** Tells the usage series by which thresholds each machine's power is classified, whenever they change. */
import { powerClassesOf } from "#core";
import type { Registry, Series } from "../ports.ts";

export function createThresholds({
  registry,
  series,
}: {
  readonly registry: Pick<Registry, "resources">;
  readonly series: Series;
}): () => void {
  const told = new Map<string, string>();
  return () => {
    for (const { id, kind, settings } of registry.resources()) {
      if (kind !== "machine") continue;
      const classes = powerClassesOf(settings);
      const text = JSON.stringify(classes);
      if (told.get(id) === text) continue;
      told.set(id, text);
      series.classify(id, classes);
    }
  };
}
