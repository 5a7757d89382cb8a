/**
 * What the hub last said that restricts or configures this node: lockouts, revoked cards, settings, the site's mode. Kept on
 * the disk, because a restart must not forget a lockout (D11). An older version never replaces a newer one.
 */
import type * as z from "zod";
import { type NodeConfig, nodeConfig, type Restrictions, restrictions, type SiteMode, siteMode } from "#contract";
import type { NodeFiles } from "./node-files.ts";
import type { Log } from "./ports.ts";

export type KeptFacts = {
  restrictions(): Restrictions;
  config(): NodeConfig | null;
  mode(): SiteMode;
  takeRestrictions(next: Restrictions): void;
  takeConfig(next: NodeConfig): void;
  takeMode(next: z.infer<typeof siteMode>): void;
  /** why the newest configuration is not in force as it was sent; null when it is */
  configTrouble(): string | null;
};

export type FactsHost = {
  onFacts(change: "restrictions" | "mode" | "config"): void;
  /** what of a configuration this node cannot do; null when it can do all of it */
  configProblem(config: NodeConfig): string | null;
};

const noRestrictions: Restrictions = { version: 0, lockouts: [], revoked: [] };

export function keepFacts(files: NodeFiles, log: Log, host: FactsHost): KeptFacts {
  let held = read(restrictions, files.load("restrictions")) ?? noRestrictions;
  let config = read(nodeConfig, files.load("config"));
  let refusal: string | null = null;
  let mode = read(siteMode, files.load("mode")) ?? { mode: "normal" as const, version: 0 };

  /** In force at once; on the disk as soon as it can be. */
  const take = (name: "restrictions" | "mode" | "config", value: unknown) => {
    files
      .save(name, value)
      .catch((error: unknown) => log.warn({ what: name, cause: String(error) }, "could not be saved; it holds until the next restart"));
    host.onFacts(name);
  };
  const isOld = (name: string, version: number, known: number) => {
    if (version >= known) return version === known && version !== 0;
    log.warn({ what: name, version, known }, "an older version was ignored");
    return true;
  };
  return {
    restrictions: () => held,
    config: () => config,
    mode: () => mode.mode,
    configTrouble: () => refusal ?? (config === null ? null : host.configProblem(config)),
    takeRestrictions(next) {
      if (isOld("restrictions", next.version, held.version)) return;
      held = next;
      take("restrictions", next);
    },
    takeConfig(next) {
      const known = config?.version ?? 0;
      refusal = next.version < known ? `v${next.version} was refused: it is older than v${known}, which is in force` : null;
      if (isOld("config", next.version, known)) return;
      config = next;
      take("config", next);
    },
    takeMode(next) {
      if (next.version < mode.version || (next.version === mode.version && next.mode === mode.mode)) return;
      mode = next;
      take("mode", next);
    },
  };
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> | null {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
