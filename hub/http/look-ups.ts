/** Asks for the reason before a member's page is shown to somebody else, and keeps it where the member can read it. */
import type { FastifyRequest } from "fastify";
import type { Records } from "../views.ts";
import type { Session } from "./auth.ts";
import { Problem } from "./problem.ts";

/** Reading on in the same page for the same reason is one look, not forty. */
const sameLookMs = 15 * 60_000;
const looksMost = 2000;
const reasonMin = 3;
const reasonMax = 160;

/** @throws Problem 400 without a reason */
export type LookedUp = (
  request: FastifyRequest,
  session: Session,
  seen: { readonly member: number; readonly what: string },
) => Promise<void>;

export function createLookUps({ records, nowMs }: { readonly records: Records; readonly nowMs: () => number }): LookedUp {
  const looks = new Map<string, number>();
  return async (request, { actor }, { member, what }) => {
    if (actor.member === member) return;
    const reason = reasonOf(request);
    const look = JSON.stringify([actor.id, member, what, reason]);
    if (nowMs() - (looks.get(look) ?? Number.NEGATIVE_INFINITY) < sameLookMs) return;
    await records.lookUp({ actor, member, what, reason });
    looks.delete(look);
    looks.set(look, nowMs());
    if (looks.size > looksMost) looks.delete(looks.keys().next().value ?? "");
  };
}

function reasonOf(request: FastifyRequest): string {
  const given = request.headers["x-reason"];
  const text = typeof given === "string" ? decoded(given)?.trim() : undefined;
  if (text !== undefined && text.length >= reasonMin && text.length <= reasonMax) return text;
  throw new Problem(400, "reason_needed", {
    detail: "Say why you look at this person's page; they can read it.",
    fix: `Send the reason as X-Reason, percent-encoded, ${reasonMin} to ${reasonMax} characters.`,
    where: "X-Reason",
  });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // not percent-encoded
  }
}
