/**
 * Screens on walls: whoever has the link sees what the screen shows, without an account and without a cookie. The token stands in the
 * address, because an event stream can send nothing else; `referrer-policy: no-referrer` keeps it there.
 */
import * as z from "zod";
import { slug } from "#contract";
import type { Screen, Screens, WallChange } from "../views-wall.ts";
import { securityHeaders } from "./guards.ts";
import { Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";
import { createStream, type Stream } from "./stream.ts";

const params = z.object({ name: slug });
const query = z.object({ token: z.string().min(16).max(64) });

export type WallRoutes = { readonly routes: readonly Route[]; close(): void };

export function wallRoutes({ screens, nowMs }: { readonly screens: Screens; readonly nowMs: () => number }): WallRoutes {
  const streams = openStreams(screens, nowMs);
  const screenOf = (name: string, token: string): Screen => {
    const screen = screens.wall(name, token);
    if (screen !== undefined) return screen;
    throw new Problem(403, "link_ended", {
      detail: "This link shows nothing, or no longer.",
      fix: `Make another one: koprade screen renew ${name}`,
      where: "token",
    });
  };
  const routes = [
    route({
      method: "GET",
      url: "/api/wall/:name",
      access: "everyone",
      note: "What a screen on a wall shows, once; needs its token. No person is in it.",
      params,
      query,
      handle: async ({ params: { name }, query: { token }, reply }) => {
        const { boards, languages, view } = screenOf(name, token);
        void reply.header("cache-control", "no-store");
        return { screen: { name, boards, languages }, ...view.snapshot() };
      },
    }),
    route({
      method: "GET",
      url: "/api/wall/:name/month",
      access: "everyone",
      note: "The month so far for a screen on a wall; groups of people below five are not told.",
      params,
      query,
      handle: async ({ params: { name }, query: { token }, reply }) => {
        void reply.header("cache-control", "no-store");
        return screenOf(name, token).view.month();
      },
    }),
    route({
      method: "GET",
      url: "/api/wall/:name/stream",
      access: "everyone",
      note: "What a screen on a wall shows, and every change (server-sent events: snapshot, change, beat every 5 s).",
      params,
      query,
      handle: async ({ params: { name }, query: { token }, request, reply }) => {
        const last = request.headers["last-event-id"];
        const isOpen = streams.of(screenOf(name, token)).open({
          response: reply.raw,
          token: `${name} ${token}`,
          lastEventId: Array.isArray(last) ? last[0] : last,
          headers: { ...securityHeaders },
        });
        if (!isOpen)
          throw new Problem(503, "too_many_pages", { detail: "Too many screens are open.", fix: "Close one and reload.", retryAfterS: 10 });
        reply.hijack();
        return reply;
      },
    }),
  ];
  return { routes, close: streams.close };
}

/** One stream for each space; a screen whose link ends goes dark at once. */
function openStreams(screens: Screens, nowMs: () => number): { of(screen: Screen): Stream; close(): void } {
  const streams = new Map<Screen["view"], Stream>();
  const isGood = (key: string): boolean => {
    const [name = "", token = ""] = key.split(" ");
    return screens.wall(name, token) !== undefined;
  };
  const endDoubt = screens.onDoubt(() => {
    for (const stream of streams.values()) stream.endUnless(isGood);
  });
  return {
    of({ view }) {
      const stream = streams.get(view) ?? createStream({ views: view, stillSignedIn: async (key) => isGood(key), nowMs, keyOf: keyOfWall });
      streams.set(view, stream);
      return stream;
    },
    close() {
      endDoubt();
      for (const stream of streams.values()) stream.close();
    },
  };
}

function keyOfWall(change: WallChange): string {
  if (change.kind === "machine") return `machine ${change.machine.id}`;
  return change.kind === "node" ? `node ${change.node.id}` : change.kind;
}
