/**
 * Units as they are spelled in names, and the quality of a clock. A field without a unit in its name has none.
 * Inside the programs: camelCase with the unit last (`leaseMs`, `powerW`). On the wire: the same names.
 */
import * as z from "zod";

/** UTC milliseconds since 1970, as an integer. */
export const instantMs = z.int().min(0).max(8_640_000_000_000_000);
/** Milliseconds since the sender's process started; never steps. */
export const monoMs = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Local calendar date, inclusive when it ends something. */
export const localDate = z.iso.date();

/**
 * How far a node's wall clock can be trusted (domain.md §3.4): `synced` within 24 h and 1 s, `holdover` estimated
 * within 120 s, otherwise `unknown`.
 */
export const clockQuality = z.enum(["synced", "holdover", "unknown"]);
export type ClockQuality = z.infer<typeof clockQuality>;

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
