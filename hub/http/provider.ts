/**
 * Signing in where the people of this space have an account already (OpenID Connect, authorization code with PKCE). The provider makes no
 * account here: it vouches for a mail address, and whoever has an account with that address is let in.
 */
import type { Better, HalfSignedIn, SignedIn } from "./auth.ts";
import { type Provider, providerId } from "./better.ts";

export type ProviderSignIn = {
  /** how the provider is called on the button */
  readonly name: string;
  /** Where the browser goes now, and what it must bring back; undefined while the provider does not answer. */
  begin(): Promise<{ readonly url: string; readonly setCookies: readonly string[] } | undefined>;
  /** `query`: what came back with the browser. Undefined: not vouched for, not asked for from here, or nobody's address. */
  finish(given: { readonly query: URLSearchParams; readonly cookie: string | undefined }): Promise<SignedIn | undefined>;
};

/** The provider's answer to a question that never comes must not hold a browser for longer. */
const answerLimitMs = 10_000;
/** Where the provider sends people back to, under the address of the pages; it must be registered there. */
export const callbackPath = `/api/sign-in/callback/${providerId}`;

export function createProviderSignIn(given: {
  readonly provider: Provider;
  readonly better: () => Promise<Better>;
  readonly signedIn: (headers: Headers) => Promise<SignedIn | HalfSignedIn>;
}): ProviderSignIn {
  const { provider, better, signedIn } = given;
  const ask = async (path: string, init: RequestInit): Promise<Response | undefined> => {
    const { handler } = await better();
    const asked = new Request(new URL(path, provider.hubUrl), init);
    return Promise.race([handler(asked), new Promise<undefined>((resolve) => setTimeout(resolve, answerLimitMs, undefined).unref())]);
  };
  return {
    name: provider.name,
    async begin() {
      const answer = await ask("/api/sign-in/sign-in/social", {
        method: "POST",
        headers: { "content-type": "application/json", origin: provider.hubUrl },
        body: JSON.stringify({ provider: providerId, callbackURL: "/", errorCallbackURL: "/login", disableRedirect: true }),
      });
      if (answer === undefined || !answer.ok) return undefined;
      const { url } = (await answer.json()) as { readonly url?: unknown };
      return typeof url === "string" ? { url, setCookies: answer.headers.getSetCookie() } : undefined;
    },
    async finish({ query, cookie }) {
      const answer = await ask(`${callbackPath}?${query}`, { headers: cookie === undefined ? {} : { cookie } });
      if (answer === undefined || answer.headers.get("location")?.includes("error=") !== false) return undefined;
      const found = await signedIn(answer.headers);
      return found.session === undefined ? undefined : found;
    },
  };
}
