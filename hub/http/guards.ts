/** What every request passes before its handler: security headers, the first-run gate, same-origin, sign-in, limits. */
import { isIP } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isAtLeast, type Role } from "../views.ts";
import type { Scope } from "./api-keys.ts";
import type { Auth, Session } from "./auth.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import { Problem } from "./problem.ts";
import type { Access } from "./route.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
    keys?: Scope | "never";
  }
}

/**
 * No script and no style but our own files; the one exception is the page's `<style>` with this answer's nonce, which the
 * component library needs. `style=""` attributes stay forbidden: React sets them through the DOM, where the policy allows it.
 */
export function contentSecurityPolicy(nonce?: string): string {
  const style = nonce === undefined ? "style-src 'self'" : `style-src 'self' 'nonce-${nonce}'`;
  return `default-src 'none'; script-src 'self'; ${style}; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
}

export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": contentSecurityPolicy(),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=()",
};

const sessions = new WeakMap<FastifyRequest, Session>();

/** The session the guard found for this request. */
export function sessionOf(request: FastifyRequest): Session | undefined {
  return sessions.get(request);
}

export function addGuards(app: FastifyInstance, given: { readonly auth: Auth; readonly nowMs: () => number }): void {
  const { auth, nowMs } = given;
  // Far above what pages need, far below what hurts: 30 requests a second from one address.
  const requests = createLimiter({ most: 300, windowMs: 10_000, nowMs });
  // One account or key in many places is one still.
  const users = createLimiter({ most: 300, windowMs: 10_000, nowMs });
  // Secrets are not guessed; whoever tries is slowed down all the same.
  const wrongKeys = createLimiter({ most: 20, windowMs: 60_000, nowMs });

  app.addHook("onRoute", (options) => {
    if (options.config?.access === undefined) throw new Error(`Route ${String(options.method)} ${options.url} names no role.`);
  });

  app.addHook("onRequest", async (request, reply) => {
    void reply.headers(securityHeaders);
    const waitMs = requests.take(request.ip);
    if (waitMs > 0) throw tooMany(waitMs, "Too many requests from this address.");
    if (!auth.hasOwner()) onlyFromHere(request);
    const access = request.routeOptions.config.access ?? "everyone";
    if (access === "newcomer" && auth.hasOwner()) {
      throw new Problem(403, "owner_exists", {
        detail: "This space already has an owner.",
        fix: "Sign in; or ask the owner for an account.",
      });
    }
    const bearer = bearerOf(request);
    if (bearer === undefined) {
      if (request.method !== "GET" && request.method !== "HEAD") sameOrigin(request);
      if (access === "everyone" || access === "newcomer") return;
      admit(request, reply, { session: await auth.session(request.headers.cookie), least: access });
    } else {
      // No browser sends this by itself, so that it cannot be forged from another page; a cookie beside it is not looked at.
      if (access === "everyone" || access === "newcomer") return;
      admit(request, reply, { session: keyHolder(auth, request, { bearer, wrongKeys }), least: access });
    }
    const busyMs = users.take(sessionOf(request)?.actor.id ?? "");
    if (busyMs > 0) throw tooMany(busyMs, "Too many requests of this account.");
  });
}

export function tooMany(waitMs: number, detail: string): Problem {
  const retryAfterS = Math.ceil(waitMs / 1000);
  return new Problem(429, "too_many_attempts", { detail, fix: `Wait ${retryAfterS} s and try again.`, retryAfterS });
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S{1,200})$/i.exec(request.headers.authorization ?? "")?.[1];
}

/** Who a program's key speaks for, where its scope reaches. @throws Problem 401, 403, 429 */
function keyHolder(
  auth: Auth,
  request: FastifyRequest,
  { bearer, wrongKeys }: { readonly bearer: string; readonly wrongKeys: Limiter },
): Session {
  const session = auth.keys.session(bearer);
  if (session?.key == null) {
    const waitMs = wrongKeys.take(request.ip);
    if (waitMs > 0) throw tooMany(waitMs, "Too many wrong keys.");
    throw new Problem(401, "wrong_key", { detail: "This key is none, expired or revoked.", fix: "Make another one in your account." });
  }
  const needed = request.routeOptions.config.keys ?? "never";
  if (needed === "read" || (needed === "commands" && session.key.scope === "commands")) return session;
  throw new Problem(403, needed === "never" ? "not_for_keys" : "scope_too_small", {
    detail: needed === "never" ? "This is for people at a page, not for keys." : "This key may only read.",
    fix: needed === "never" ? "Sign in." : "Make a key with the scope commands.",
  });
}

function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { session, least }: { readonly session: Session | undefined; readonly least: Role },
): void {
  if (session === undefined)
    throw new Problem(401, "signed_out", { detail: "You are not signed in, or no longer.", fix: "Sign in and try again." });
  if (!isAtLeast(session.actor.role, least))
    throw new Problem(403, "not_allowed", { detail: `Only ${those[least]} may do this.`, fix: `Ask ${those[least]} of this space.` });
  sessions.set(request, session);
  void reply.header("cache-control", "no-store");
}

const those: Readonly<Record<Role, string>> = {
  owner: "an owner",
  manager: "a manager or an owner",
  staff: "staff, a manager or an owner",
  member: "members",
};

/** Until there is an owner, the hub answers only the machine it runs on, and only under a local name (no DNS rebinding). */
function onlyFromHere(request: FastifyRequest): void {
  const host = hostNameOf(request.headers.host);
  const local = host === "localhost" || (isIP(host) !== 0 && isLoopback(host));
  if (local && isLoopback(request.ip)) return;
  throw new Problem(403, "local_only", {
    detail: "This hub has no owner yet, so it answers only on the computer it runs on.",
    fix: "Open it there as http(s)://localhost, or through ssh -L from yours; after the first run it answers everywhere.",
  });
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}

function hostNameOf(host: string | undefined): string {
  return (host ?? "")
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
}

/** A change must come from our own page: its origin is the host it was sent to. Cookies are SameSite=Strict besides. */
function sameOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host === host && (site === undefined || site === "same-origin"))
    return;
  throw new Problem(403, "foreign_origin", {
    detail: "This did not come from the hub's own page.",
    fix: "Open the hub's page itself and do it there.",
    where: "Origin",
  });
}
