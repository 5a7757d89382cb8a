/**
 * Screens on walls and at desks: each has a link with a token, of which only the hash is kept. Whoever has the link sees what the screen
 * shows, until its day comes, a new link is made or the screen is removed. And what members decide about themselves.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Locale } from "#core";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import type { Board } from "./inputs-screens.ts";
import { Refused } from "./refuse.ts";
import { missing, need, needMember } from "./rows.ts";

const most = 50;
/** A link that never ends is forgotten on a wall. */
const longestMs = 732 * 86_400_000;

export type ScreenRow = {
  readonly screen: string;
  readonly boards: readonly Board[];
  readonly languages: readonly Locale[];
  /** the door or machine whose reader stands beside a kiosk */
  readonly reader: string | null;
  readonly addedMs: number;
  readonly untilMs: number;
};
export type Presence = "nobody" | "members" | "alias";
export type SharingRow = { readonly member: number; readonly presence: Presence; readonly alias: string | null };
export type ErasureRequest = { readonly member: number; readonly reason: string; readonly askedMs: number };

type Names = "addScreen" | "renewScreen" | "removeScreen" | "setSharing" | "askErasure" | "takeBackErasure";

export const screens: Pick<Handlers, Names> = {
  addScreen(context, input) {
    const { db, nowMs } = context;
    if (db.one("SELECT 1 FROM screens WHERE screen = ?", input.screen) !== undefined)
      throw new Refused("ALREADY_EXISTS", `Screen ${input.screen} exists already.`, "Renew its link: `koprade screen renew`.");
    if ((db.one<{ c: number }>("SELECT count(*) AS c FROM screens")?.c ?? 0) >= most)
      throw new Refused("CONFLICT", `There are ${most} screens.`, "Remove one first: `koprade screen list`.");
    if (input.reader !== null) need(context, "resources", input.reader);
    needEnd(nowMs, input.untilMs);
    const token = newToken();
    db.run(
      "INSERT INTO screens (screen, boards, languages, reader, token_hash, added_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
      input.screen,
      JSON.stringify([...new Set(input.boards)]),
      JSON.stringify([...new Set(input.languages)]),
      input.reader,
      hashOf(token),
      nowMs,
      input.untilMs,
    );
    return { screen: input.screen, token };
  },

  renewScreen(context, input) {
    needScreen(context.db, input.screen);
    needEnd(context.nowMs, input.untilMs);
    const token = newToken();
    context.db.run("UPDATE screens SET token_hash = ?, until_ms = ? WHERE screen = ?", hashOf(token), input.untilMs, input.screen);
    return { screen: input.screen, token };
  },

  removeScreen({ db }, input) {
    needScreen(db, input.screen);
    db.run("DELETE FROM screens WHERE screen = ?", input.screen);
    return {};
  },

  setSharing(context, input) {
    needMember(context, input.member);
    context.db.run("DELETE FROM sharing WHERE member = ?", input.member);
    if (input.presence !== "nobody")
      context.db.run("INSERT INTO sharing (member, presence, alias) VALUES (?, ?, ?)", input.member, input.presence, input.alias);
    return {};
  },

  askErasure(context, input) {
    needMember(context, input.member);
    context.db.run(
      "INSERT INTO erasure_requests (member, reason, asked_ms) VALUES (?, ?, ?) ON CONFLICT (member) DO UPDATE SET reason = excluded.reason",
      input.member,
      input.reason,
      context.nowMs,
    );
    return {};
  },

  takeBackErasure(context, input) {
    if (!asksErasure(context, input.member)) throw missing("request to be forgotten of member", input.member);
    context.db.run("DELETE FROM erasure_requests WHERE member = ?", input.member);
    return {};
  },
};

const newToken = (): string => randomBytes(24).toString("base64url");
const hashOf = (token: string): Uint8Array => createHash("sha256").update(token).digest();
const asksErasure = ({ db }: CommandContext, member: number): boolean =>
  db.one("SELECT 1 FROM erasure_requests WHERE member = ?", member) !== undefined;

function needScreen(db: Database, screen: string): void {
  if (db.one("SELECT 1 FROM screens WHERE screen = ?", screen) === undefined) throw missing("screen", screen);
}

function needEnd(nowMs: number, untilMs: number): void {
  if (untilMs <= nowMs) throw new Refused("BAD_INPUT", "untilMs: the link would have ended already.", "Give a later end.");
  if (untilMs > nowMs + longestMs) throw new Refused("BAD_INPUT", "untilMs: a link holds two years at most.", "Give an earlier end.");
}

type Stored = Omit<ScreenRow, "boards" | "languages"> & { readonly boards: string; readonly languages: string };
const rowSql = `SELECT screen, boards, languages, reader, added_ms AS addedMs, until_ms AS untilMs FROM screens`;
const rowOf = (row: Stored): ScreenRow => ({ ...row, boards: JSON.parse(row.boards), languages: JSON.parse(row.languages) });

export type ScreenReads = {
  screens(): ScreenRow[];
  /** the screen whose link has this token and has not ended; constant time */
  screenWith(screen: string, token: string): ScreenRow | undefined;
  /** what a member lets others see; nobody unless they chose otherwise */
  sharing(member: number): SharingRow;
  /** who asks to be forgotten, longest first */
  erasureRequests(): ErasureRequest[];
};

export function screenReads(db: Database, nowMs: () => number): ScreenReads {
  return {
    screens: () => db.all<Stored>(`${rowSql} ORDER BY screen`).map(rowOf),
    screenWith(screen, token) {
      const kept = db.one<{ hash: Uint8Array }>(
        "SELECT token_hash AS hash FROM screens WHERE screen = ? AND until_ms > ?",
        screen,
        nowMs(),
      );
      if (kept === undefined || !timingSafeEqual(hashOf(token), kept.hash)) return undefined;
      return db.all<Stored>(`${rowSql} WHERE screen = ?`, screen).map(rowOf)[0];
    },
    sharing: (member) =>
      db.one<SharingRow>("SELECT member, presence, alias FROM sharing WHERE member = ?", member) ?? {
        member,
        presence: "nobody",
        alias: null,
      },
    erasureRequests: () =>
      db.all<ErasureRequest>("SELECT member, reason, asked_ms AS askedMs FROM erasure_requests ORDER BY asked_ms, member LIMIT 1000"),
  };
}
