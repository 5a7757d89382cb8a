/**
 * Passkeys (WebAuthn level 3): made by somebody who is signed in, then enough by themselves, since the authenticator asks for a finger,
 * a face or a PIN. The host name a key was made for stays with it: it proves nothing under another. Challenges live 5 minutes, once.
 */
import type { DatabaseSync } from "node:sqlite";
import type { AuthenticatorTransport } from "@simplewebauthn/server";
import * as z from "zod";

const lifeMs = 5 * 60_000;
const challengesMost = 1000;
export const passkeysMost = 20;

export type Passkey = { readonly id: string; readonly name: string; readonly madeMs: number; readonly usedMs: number | null };
/** Where the browser is: `origin` as it sent it, whose host is the hub's own (guards.ts). */
export type Place = { readonly origin: string };
export type Passkeys = {
  list(account: string): readonly Passkey[];
  remove(account: string, id: string): boolean;
  /** What the browser needs to make one. */
  offer(who: { readonly account: string; readonly mail: string; readonly name: string }, place: Place): Promise<object>;
  /** Takes what the browser made. `refused`: it is not an answer to our offer. */
  add(account: string, name: string, response: unknown, place: Place): Promise<"made" | "refused" | "too_many">;
  /** What the browser needs to sign in with one. */
  ask(place: Place): Promise<object>;
  /** Whose it is, when the answer is right. */
  check(response: unknown, place: Place): Promise<string | undefined>;
};

const shown = z.object({ id: z.string(), name: z.string(), madeMs: z.number(), usedMs: z.number().nullable() });
const stored = z.object({ account: z.string(), publicKey: z.instanceof(Uint8Array), counter: z.number(), transports: z.string() });
const base64url = z.string().max(20_000);
/** As far as we look into it ourselves; the library parses the rest. */
const answer = z.looseObject({
  id: z.string().max(1400),
  rawId: base64url,
  type: z.literal("public-key"),
  response: z.looseObject({ clientDataJSON: base64url }),
});
const clientData = z.object({ challenge: z.string() });
const transports = z.array(z.string().max(20)).max(10);

export function createPasskeys(db: DatabaseSync, nowMs: () => number): Passkeys {
  const library = () => import("@simplewebauthn/server");
  const challenges = createChallenges(nowMs);
  const list: Passkeys["list"] = (account) =>
    z
      .array(shown)
      .parse(
        db
          .prepare("SELECT id, name, made_ms AS madeMs, used_ms AS usedMs FROM koprade_passkey WHERE account = ? ORDER BY made_ms")
          .all(account),
      );
  return {
    list,
    remove: (account, id) => db.prepare("DELETE FROM koprade_passkey WHERE account = ? AND id = ?").run(account, id).changes === 1,
    async offer({ account, mail, name }, place) {
      const { generateRegistrationOptions } = await library();
      const options = await generateRegistrationOptions({
        rpName: "Koprade",
        rpID: hostOf(place),
        userName: mail,
        userDisplayName: name,
        userID: new TextEncoder().encode(account),
        attestationType: "none",
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: list(account).map(({ id }) => ({ id })),
      });
      challenges.add(options.challenge, account);
      return options;
    },
    async add(account, name, response, place) {
      if (list(account).length >= passkeysMost) return "too_many";
      const { verifyRegistrationResponse } = await library();
      const parsed = answer.safeParse(response);
      const challenge = parsed.success ? challenges.take(parsed.data.response.clientDataJSON, account) : undefined;
      if (challenge === undefined) return "refused";
      const made = await verifyRegistrationResponse({
        response: response as Parameters<typeof verifyRegistrationResponse>[0]["response"],
        expectedChallenge: challenge,
        expectedOrigin: place.origin,
        expectedRPID: hostOf(place),
        requireUserVerification: true,
      }).catch(() => undefined); // it throws for whatever is wrong with the answer
      if (made?.verified !== true) return "refused";
      const { id, publicKey, counter, transports: ways = [] } = made.registrationInfo.credential;
      const added = db
        .prepare(
          `INSERT OR IGNORE INTO koprade_passkey (id, account, rp, public_key, counter, transports, name, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(id, account, hostOf(place), publicKey, counter, JSON.stringify(ways), name, nowMs());
      return added.changes === 1 ? "made" : "refused";
    },
    async ask(place) {
      const { generateAuthenticationOptions } = await library();
      const options = await generateAuthenticationOptions({ rpID: hostOf(place), userVerification: "required" });
      challenges.add(options.challenge, null);
      return options;
    },
    async check(response, place) {
      const { verifyAuthenticationResponse } = await library();
      const parsed = answer.safeParse(response);
      if (!parsed.success) return undefined;
      const challenge = challenges.take(parsed.data.response.clientDataJSON, null);
      const found = stored.safeParse(
        db
          .prepare("SELECT account, public_key AS publicKey, counter, transports FROM koprade_passkey WHERE id = ? AND rp = ?")
          .get(parsed.data.id, hostOf(place)),
      );
      if (challenge === undefined || !found.success) return undefined;
      const { account, publicKey, counter } = found.data;
      const proof = await verifyAuthenticationResponse({
        response: response as Parameters<typeof verifyAuthenticationResponse>[0]["response"],
        expectedChallenge: challenge,
        expectedOrigin: place.origin,
        expectedRPID: hostOf(place),
        credential: { id: parsed.data.id, publicKey: new Uint8Array(publicKey), counter, transports: waysOf(found.data.transports) },
        requireUserVerification: true,
      }).catch(() => undefined);
      if (proof?.verified !== true) return undefined;
      const sql = "UPDATE koprade_passkey SET counter = ?, used_ms = ? WHERE id = ?";
      db.prepare(sql).run(proof.authenticationInfo.newCounter, nowMs(), parsed.data.id);
      return account;
    },
  };
}

/** The challenges that were given out, each for one account (null: for whoever signs in), each to be answered once. */
function createChallenges(nowMs: () => number) {
  const open = new Map<string, { readonly account: string | null; readonly untilMs: number }>();
  return {
    add(challenge: string, account: string | null): void {
      open.set(challenge, { account, untilMs: nowMs() + lifeMs });
      if (open.size > challengesMost) open.delete(open.keys().next().value ?? "");
    },
    take(clientDataJson: string, account: string | null): string | undefined {
      const challenge = challengeIn(clientDataJson);
      const found = challenge === undefined ? undefined : open.get(challenge);
      if (challenge === undefined || found === undefined || found.account !== account) return undefined;
      open.delete(challenge);
      return found.untilMs > nowMs() ? challenge : undefined;
    },
  };
}

function challengeIn(clientDataJson: string): string | undefined {
  try {
    return clientData.parse(JSON.parse(Buffer.from(clientDataJson, "base64url").toString("utf8"))).challenge;
  } catch {
    return undefined; // whatever it is, it is no answer to ours
  }
}

const waysOf = (text: string): AuthenticatorTransport[] => transports.parse(JSON.parse(text)) as AuthenticatorTransport[];
const hostOf = ({ origin }: Place): string => new URL(origin).hostname;
