/** What every way of signing in ends with: cookies of a new session, never one that came along, and an entry in the audit. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Records } from "../views.ts";
import type { Auth, SignedIn } from "./auth.ts";
import { tooMany } from "./guards.ts";
import type { Limiter } from "./limiter.ts";
import { Problem } from "./problem.ts";
import type { Stream } from "./stream.ts";

export type SignInGiven = {
  readonly auth: Auth;
  readonly stream: Stream;
  readonly records: Records;
  /** attempts per minute, by address and by account */
  readonly tries: Limiter;
  /** attempts per hour, by account */
  readonly slowTries: Limiter;
};
type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

/** Counts an attempt from this address and, where it is known, for this account. @throws Problem 429 */
export function countTry({ tries, slowTries }: Pick<SignInGiven, "tries" | "slowTries">, request: FastifyRequest, account?: string): void {
  const waits = [tries.take(`from ${request.ip}`)];
  if (account !== undefined) waits.push(tries.take(`for ${account}`), slowTries.take(`for ${account}`));
  const waitMs = Math.max(...waits);
  if (waitMs > 0) throw tooMany(waitMs, "Too many attempts to sign in.");
}

/** Whoever signed in rightly does not wait for their own mistakes of before. */
export function forgetTries({ tries }: Pick<SignInGiven, "tries">, request: FastifyRequest, account?: string): void {
  tries.clear(`from ${request.ip}`);
  if (account !== undefined) tries.clear(`for ${account}`);
}

/** Sends the cookies and what the page needs to know. The session that this browser had before ends. */
export async function welcome(
  given: SignInGiven,
  done: SignedIn,
  by: "password" | "code" | "passkey" | "invitation" | "provider",
  exchange: Exchange,
) {
  const { auth, stream, records } = given;
  const { cookie } = exchange.request.headers;
  const before = await auth.session(cookie);
  if (before !== undefined) {
    await auth.signOut(cookie);
    stream.end(before.token);
  }
  const { actor } = done.session;
  // Nobody waits for it: when the disk takes no writes, the pages are where one reads that.
  records.act({ actor, action: "signIn", target: `account ${actor.id}`, detail: { by } }).catch(() => undefined);
  sendCookies(exchange.reply, done.setCookies);
  return { state: "signed_in", name: actor.name, role: actor.role, member: actor.member };
}

export function sendCookies(reply: FastifyReply, setCookies: readonly string[]): void {
  void reply.header("set-cookie", [...setCookies]).header("cache-control", "no-store");
}

export const agentOf = (request: FastifyRequest): { readonly agent?: string | undefined } => ({ agent: request.headers["user-agent"] });

/** The origin of the page that asks; guards.ts has seen that it is our own. */
export function placeOf(request: FastifyRequest): { readonly origin: string } {
  const { origin } = request.headers;
  if (origin === undefined) throw new Problem(403, "foreign_origin", { detail: "No origin came along.", fix: "Use the hub's own page." });
  return { origin };
}
