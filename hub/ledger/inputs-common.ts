/** Pieces that the inputs of several commands share. */
import * as z from "zod";
import { cardKey, instantMs } from "#contract";

export const label = z.string().trim().min(1).max(60);
export const reason = z.string().trim().min(1).max(160);
/** number of a member */
export const ref = z.int().min(1).max(0xffff_ffff);
/** number that somebody chooses for a new member, such as the one they had before; enough are left for those the ledger gives */
export const chosenRef = z.int().min(1).max(4_000_000_000);
/** number of a row: a booking, a shift, an entry */
export const rowId = z.int().min(1);
/** number of a member in another system, from which lists come */
export const externalRef = z.string().trim().min(1).max(60);
export const mail = z.email("is not a mail address").max(254).toLowerCase();
export const locale = z.enum(["en", "lv", "sv", "nb"]);
/** Canonical card number as the reader core spells it, e.g. `em4100:0A1B2C3D4E` (domain.md §2.3). Hashed at once, kept nowhere. */
export const cardNumber = z.string().regex(/^[a-z0-9]{2,12}:[0-9A-F/]{2,40}$/, "a card number such as em4100:0A1B2C3D4E");
export const card = z.union([z.object({ number: cardNumber }), z.object({ cardKey })]);
export const role = z.enum(["staff", "steward", "trainer", "maintainer", "responder"]);
/** What an event counts as (reports.md E01). */
export const eventKinds = ["class", "training", "open_evening", "school_visit", "meetup", "exchange", "fair", "other"] as const;
export const eventKind = z.enum(eventKinds);
/** From one instant to a later one, at most a year apart, UTC ms. */
export const span = { fromMs: instantMs, untilMs: instantMs };
