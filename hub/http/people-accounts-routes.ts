/** The accounts of others: who there is, which role, invitations and links for a new password. Nobody touches those above themselves. */
import * as z from "zod";
import { isAtLeast, type Role, roles } from "../views.ts";
import { mail, name, newPassword } from "./account-routes.ts";
import type { Account } from "./accounts.ts";
import type { Auth, Session } from "./auth.ts";
import { invitationLifeMs } from "./invitations.ts";
import { page, pageOf, pageQuery } from "./paging.ts";
import { notFound, Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";
import { agentOf, countTry, type SignInGiven, welcome } from "./sign-in.ts";

const done = z.object({ done: z.literal(true) });
const ok = { done: true } as const;
const id = z.string().min(1).max(64);
const member = z.int().min(1).max(0xffff_ffff);
const token = z.string().min(20).max(64);
const hourMs = 3_600_000;

const accountShape = z.object({
  id: z.string(),
  name: z.string(),
  mail: z.string(),
  role: z.enum(roles),
  member: z.number().nullable(),
  hasTotp: z.boolean(),
  passkeys: z.number(),
  madeMs: z.number(),
  seenMs: z.number().nullable(),
});
const linkShape = z.object({ id: z.string(), token: z.string(), expiresMs: z.number() });

export function peopleAccountsRoutes(given: SignInGiven): readonly Route[] {
  return [...accountRoutesOf(given), ...invitationRoutes(given), ...guestRoutes(given)];
}

/** Owners reach everybody, the others whoever is below them. */
const reaches = (by: Role, of: Role): boolean => by === "owner" || (by !== of && isAtLeast(by, of));

function reached(auth: Auth, { actor }: Session, account: string): Account {
  const found = auth.accounts.get(account);
  if (found === undefined) throw notFound("such account");
  if (reaches(actor.role, found.role)) return found;
  throw new Problem(403, "not_allowed", { detail: `The account is ${words[found.role]}'s.`, fix: "Ask somebody above them." });
}
const words: Readonly<Record<Role, string>> = { owner: "an owner", manager: "a manager", staff: "staff", member: "a member" };

function needReach({ actor }: Session, role: Role): void {
  if (reaches(actor.role, role)) return;
  throw new Problem(403, "not_allowed", {
    detail: `You cannot make somebody ${words[role]}.`,
    fix: "Choose a role below your own, or ask somebody above you.",
    where: "role",
  });
}

function needAnotherOwner(auth: Auth, account: Account): void {
  if (account.role !== "owner" || auth.accounts.owners() > 1) return;
  throw new Problem(409, "last_owner", { detail: "This is the only owner of the space.", fix: "Make somebody else an owner first." });
}

/** An account of role member is one of a member record. */
function needMember(role: Role, of: number | null): void {
  if (role !== "member" || of !== null) return;
  throw new Problem(400, "invalid", {
    detail: "member: an account of a member needs their number.",
    fix: "Name the member.",
    where: "member",
  });
}

const accountRoutesOf = ({ auth, stream, records }: SignInGiven): readonly Route[] => [
  route({
    method: "GET",
    url: "/api/accounts",
    access: "manager",
    keys: "never",
    note: "Who has an account, by name.",
    query: pageQuery,
    answer: pageOf(accountShape),
    handle: async ({ query }) =>
      page(query, {
        place: z.object({ name: z.string().max(80), id: z.string().max(64) }),
        read: (after, limit) => auth.accounts.list({ after, limit }),
        at: (row) => ({ name: row.name, id: row.id }),
      }),
  }),
  route({
    method: "POST",
    url: "/api/accounts/:id/role",
    access: "manager",
    note: "Another role for an account, or another member record that it belongs to.",
    params: z.object({ id }),
    body: z.strictObject({ role: z.enum(roles), member: member.nullable().default(null) }),
    answer: done,
    handle: async ({ params, body }, session) => {
      const account = reached(auth, session, params.id);
      needReach(session, body.role);
      needMember(body.role, body.member);
      if (body.role !== "owner") needAnotherOwner(auth, account);
      auth.accounts.setRole(account.id, body.role, body.member);
      await records.act({
        actor: session.actor,
        action: "setAccountRole",
        target: `account ${account.id}`,
        detail: { from: account.role, role: body.role, member: body.member },
      });
      return ok;
    },
  }),
  route({
    method: "POST",
    url: "/api/accounts/:id/remove",
    access: "manager",
    note: "Removes an account with its sessions and keys. The member record stays.",
    params: z.object({ id }),
    body: z.strictObject({}),
    answer: done,
    handle: async ({ params }, session) => {
      const account = reached(auth, session, params.id);
      needAnotherOwner(auth, account);
      const tokens = auth.accounts.endSessions(account.id, { butToken: null });
      auth.accounts.remove(account.id);
      for (const each of tokens) stream.end(each);
      await records.act({ actor: session.actor, action: "removeAccount", target: `account ${account.id}`, detail: { role: account.role } });
      return ok;
    },
  }),
  route({
    method: "POST",
    url: "/api/accounts/:id/password-link",
    access: "staff",
    note: "A one-time link for a new password, for an hour. The authenticator app and passkeys stay.",
    params: z.object({ id }),
    body: z.strictObject({}),
    answer: linkShape,
    handle: async ({ params, reply }, session) => {
      const { id: account, role, member: of, name: called } = reached(auth, session, params.id);
      const by = session.actor.id;
      const made = auth.invitations.make({ role, member: of, name: called, by, account, lifeMs: hourMs });
      if (made === undefined) throw tooManyLinks();
      void reply.header("cache-control", "no-store");
      await records.act({ actor: session.actor, action: "addPasswordLink", target: `account ${account}`, detail: { link: made.id } });
      return made;
    },
  }),
];

const invitationShape = z.object({
  id: z.string(),
  role: z.enum(roles),
  member: z.number().nullable(),
  name: z.string(),
  account: z.string().nullable(),
  by: z.string(),
  madeMs: z.number(),
  expiresMs: z.number(),
});

const invitationRoutes = ({ auth, records }: SignInGiven): readonly Route[] => [
  route({
    method: "GET",
    url: "/api/invitations",
    access: "staff",
    keys: "never",
    note: "Links that are open still, without their tokens, newest first.",
    query: pageQuery,
    answer: pageOf(invitationShape),
    handle: async ({ query }) =>
      page(query, {
        place: z.int(),
        read: (before, limit) => auth.invitations.list({ ...(before === undefined ? {} : { before }), limit }),
        at: (row) => row.madeMs,
      }),
  }),
  route({
    method: "POST",
    url: "/api/invitations",
    access: "staff",
    note: "A one-time link for a new account, for a week. The token is told this once.",
    body: z.strictObject({ role: z.enum(roles), member: member.nullable().default(null), name }),
    answer: linkShape,
    handle: async ({ body, reply }, session) => {
      needReach(session, body.role);
      needMember(body.role, body.member);
      if (body.member !== null && auth.accounts.byMember(body.member) !== undefined)
        throw new Problem(409, "has_account", {
          detail: "This member has an account already.",
          fix: "Give them a link for a new password.",
        });
      const made = auth.invitations.make({ ...body, by: session.actor.id, lifeMs: invitationLifeMs });
      if (made === undefined) throw tooManyLinks();
      void reply.header("cache-control", "no-store");
      const target = body.member === null ? `invitation ${made.id}` : `member ${body.member}`;
      await records.act({ actor: session.actor, action: "invite", target, detail: { invitation: made.id, role: body.role } });
      return made;
    },
  }),
  route({
    method: "POST",
    url: "/api/invitations/:id/revoke",
    access: "staff",
    note: "A link that is worth nothing from now on.",
    params: z.object({ id }),
    body: z.strictObject({}),
    answer: done,
    handle: async ({ params }, session) => {
      const found = auth.invitations.get(params.id);
      if (found === undefined) throw notFound("such invitation");
      if (found.by !== session.actor.id) needReach(session, found.role);
      auth.invitations.revoke(params.id);
      await records.act({ actor: session.actor, action: "revokeInvitation", target: `invitation ${params.id}` });
      return ok;
    },
  }),
];

const tooManyLinks = (): Problem =>
  new Problem(409, "too_many_links", { detail: "Too many links are open.", fix: "Revoke those that nobody uses." });
const noSuchLink = (): Problem =>
  new Problem(404, "link_spent", { detail: "This link was used, revoked, or its time is over.", fix: "Ask for another one." });

const guestRoutes = (given: SignInGiven): readonly Route[] => [
  route({
    method: "POST",
    url: "/api/invitation",
    access: "everyone",
    note: "What a one-time link is for. It is not used up by looking.",
    body: z.strictObject({ token }),
    answer: z.object({ name: z.string(), role: z.enum(roles), mail: z.string().nullable(), isNew: z.boolean() }),
    handle: async ({ body, request, reply }) => {
      countTry(given, request);
      const found = given.auth.invitations.look(body.token);
      if (found === undefined) throw noSuchLink();
      void reply.header("cache-control", "no-store");
      const account = found.account === null ? undefined : given.auth.accounts.get(found.account);
      return { name: found.name, role: found.role, mail: account?.mail ?? null, isNew: found.account === null };
    },
  }),
  route({
    method: "POST",
    url: "/api/invitation/accept",
    access: "everyone",
    note: "Makes the account, or sets the new password, and signs in. Uses the link up.",
    body: z.strictObject({ token, mail: mail.optional(), name: name.optional(), password: newPassword }),
    handle: async ({ body, request, reply }) => {
      const { auth, records } = given;
      countTry(given, request);
      const found = auth.invitations.look(body.token);
      if (found === undefined) throw noSuchLink();
      const address = found.account === null ? body.mail : auth.accounts.get(found.account)?.mail;
      if (address === undefined)
        throw new Problem(400, "invalid", { detail: "mail: is missing.", fix: "Give your mail address.", where: "mail" });
      if (found.account === null && auth.accounts.byMail(address) !== undefined)
        throw new Problem(409, "mail_taken", {
          detail: "This address has an account already.",
          fix: "Sign in with it, or give another.",
          where: "mail",
        });
      if (auth.invitations.take(body.token) === undefined) throw noSuchLink();
      const { role, member: of } = found;
      if (found.account === null)
        await auth.createUser({ mail: address, password: body.password, name: body.name ?? found.name, role, member: of });
      else await auth.setPassword({ mail: address, password: body.password });
      const session = await auth.signIn({ mail: address, password: body.password, ...agentOf(request) });
      const account = auth.accounts.byMail(address)?.id ?? "";
      await records.act({
        actor: null,
        action: found.account === null ? "addAccount" : "resetPassword",
        target: `account ${account}`,
        detail: { link: found.id, role },
      });
      if (session?.session !== undefined) return welcome(given, session, "invitation", { request, reply });
      // The account asks for a code besides: the link gave a new password, nothing more.
      if (session !== undefined) void reply.header("set-cookie", [...session.setCookies]).header("cache-control", "no-store");
      return { state: "second_step" };
    },
  }),
];
