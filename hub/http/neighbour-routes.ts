/** What neighbours may read without an account, each only where the space has switched it on (koprade.yaml: neighbours). */
import type { FastifyReply } from "fastify";
import type { Neighbours } from "../views.ts";
import { Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";

export function neighbourRoutes(neighbours: Neighbours): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/spaceapi.json",
      access: "everyone",
      note: "The space in SpaceAPI v15.",
      // Directories and other pages read it from a browser (spaceapi.io: cross-origin resource sharing).
      handle: async ({ reply }) => send(reply, neighbours.spaceApi(), "application/json", "neighbours.spaceApi"),
    }),
    route({
      method: "GET",
      url: "/metrics",
      access: "everyone",
      note: "The space for Prometheus.",
      handle: async ({ reply }) => send(reply, neighbours.metrics(), "text/plain; version=0.0.4; charset=utf-8", "neighbours.metrics"),
    }),
    route({
      method: "GET",
      url: "/calendar.ics",
      access: "everyone",
      note: "Opening hours and classes as iCalendar.",
      handle: async ({ reply }) => send(reply, neighbours.calendar(), "text/calendar; charset=utf-8", "neighbours.calendar"),
    }),
  ];
}

function send<Content extends object | string>(reply: FastifyReply, content: Content | null, type: string, field: string): Content {
  if (content === null)
    throw new Problem(404, "not_found", { detail: "This space does not tell that.", fix: `Switch it on in koprade.yaml: ${field}.` });
  void reply.type(type).headers({
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=15",
  });
  return content;
}
