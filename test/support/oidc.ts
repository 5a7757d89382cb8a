/** A real OpenID Connect provider (certified, node-oidc-provider) on a port of this computer, with people who have addresses. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Person = { readonly mail: string; readonly verified: boolean };
export type OidcRig = { readonly issuer: string; close(): Promise<void> };

/** It ships no types; this is what is used of it. */
type ProviderClass = new (
  issuer: string,
  configuration: object,
) => { callback(): (request: object, response: object) => void; on(event: string, listener: (...given: readonly unknown[]) => void): void };

/** `people`: by the name they sign in with at the provider; any password will do, as its development pages have it. */
export async function openOidc(given: {
  readonly hubUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly people: Readonly<Record<string, Person>>;
}): Promise<OidcRig> {
  const { default: Provider } = (await import("oidc-provider" as string)) as { default: ProviderClass };
  let handle: ((request: object, response: object) => void) | undefined;
  const server = createServer((request, response) => handle?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: given.clientId,
        client_secret: given.clientSecret,
        redirect_uris: [`${given.hubUrl}/api/sign-in/callback/space`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    cookies: { keys: ["only for a test"] },
    async findAccount(_context: unknown, id: string) {
      const person = given.people[id];
      return person && { accountId: id, claims: async () => ({ sub: id, email: person.mail, email_verified: person.verified, name: id }) };
    },
  });
  handle = provider.callback();
  return {
    issuer,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
