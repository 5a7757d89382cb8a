/** The few single facts of a site: zone, epoch, version of the permissions, mode. */
import { type SiteMode, settingsFrom } from "#contract";
import type { Database } from "./database.ts";
import type { SiteRow } from "./types.ts";

type MetaKey =
  | "site"
  | "tz"
  | "epoch"
  | "permission_version"
  | "mode"
  | "mode_version"
  | "mode_since_ms"
  | "waiver_revision"
  | "opening_hours"
  | "demo"
  | "keys"
  | "next_member"
  | "name"
  | "locale"
  | "adult_age"
  | "roster"
  | "settings"
  | "card_generation"
  | "enrol_until_ms";

export function getMeta(db: Database, key: MetaKey): string | null {
  return db.one<{ value: string }>("SELECT value FROM meta WHERE key = ?", key)?.value ?? null;
}

export function setMeta(db: Database, key: MetaKey, value: string | number | null): void {
  if (value === null) db.run("DELETE FROM meta WHERE key = ?", key);
  else db.run("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, String(value));
}

export function numberMeta(db: Database, key: MetaKey, otherwise = 0): number {
  const value = getMeta(db, key);
  return value === null ? otherwise : Number(value);
}

export function readSite(db: Database): SiteRow {
  const waiver = getMeta(db, "waiver_revision");
  return {
    site: getMeta(db, "site") ?? "",
    name: getMeta(db, "name") ?? getMeta(db, "site") ?? "",
    locale: localeOf(getMeta(db, "locale")),
    tz: getMeta(db, "tz") ?? "UTC",
    epoch: numberMeta(db, "epoch", 1),
    permissionVersion: numberMeta(db, "permission_version"),
    mode: modeOf(getMeta(db, "mode")),
    modeVersion: numberMeta(db, "mode_version"),
    modeSinceMs: numberMeta(db, "mode_since_ms"),
    waiverRevision: waiver === null ? null : Number(waiver),
    openingHours: getMeta(db, "opening_hours"),
    adultAge: numberMeta(db, "adult_age", 18),
    cardGeneration: numberMeta(db, "card_generation", 1),
    roster: getMeta(db, "roster") === "yes",
    settings: settingsFrom("site", storedSettings(db)),
    demo: getMeta(db, "demo") === "yes",
  };
}

/** As they were given, key by key; `{}` before the first. */
export function storedSettings(db: Database): Readonly<Record<string, unknown>> {
  return JSON.parse(getMeta(db, "settings") ?? "{}");
}

function localeOf(text: string | null): SiteRow["locale"] {
  return text === "lv" || text === "sv" || text === "nb" ? text : "en";
}

function modeOf(text: string | null): SiteMode {
  return text === "evacuate" || text === "lockdown" ? text : "normal";
}
