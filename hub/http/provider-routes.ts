/** The two steps of signing in at the space's own provider: away, and back. */
import * as z from "zod";
import { Problem } from "./problem.ts";
import { callbackPath, type ProviderSignIn } from "./provider.ts";
import { type Route, route } from "./route.ts";
import { countTry, forgetTries, type SignInGiven, sendCookies, welcome } from "./sign-in.ts";

/** What providers send back is theirs to name (OpenID Connect Core 1.0 §3.1.2.5); better-auth looks at what it knows. */
const comeBack = z.record(z.string().max(40), z.string().max(4000));

export function providerRoutes(given: SignInGiven): readonly Route[] {
  return [
    route({
      method: "GET",
      url: "/api/sign-in/provider",
      access: "everyone",
      keys: "never",
      note: "Sends the browser to the space's own sign-in provider (koprade.yaml: oidc).",
      handle: async ({ request, reply }) => {
        const provider = needProvider(given.auth.provider);
        countTry(given, request);
        const begun = await provider.begin();
        if (begun === undefined)
          throw new Problem(503, "provider_away", {
            detail: `${provider.name} does not answer.`,
            fix: "Try again later, or sign in with mail and password.",
          });
        sendCookies(reply, begun.setCookies);
        return reply.redirect(begun.url);
      },
    }),
    route({
      method: "GET",
      url: callbackPath,
      access: "everyone",
      keys: "never",
      note: "Where the provider sends the browser back to.",
      query: comeBack,
      handle: async ({ query, request, reply }) => {
        const provider = needProvider(given.auth.provider);
        countTry(given, request);
        const done = await provider.finish({ query: new URLSearchParams(query), cookie: request.headers.cookie });
        if (done !== undefined) {
          forgetTries(given, request);
          await welcome(given, done, "provider", { request, reply });
        }
        // Our cookies are for our own pages only, and what follows a redirect from elsewhere is not: the page itself goes on.
        return reply
          .type("text/html; charset=utf-8")
          .send(
            `<!doctype html><title>Koprade</title><meta http-equiv="refresh" content="0; url=${done === undefined ? "/login?refused=provider" : "/"}">`,
          );
      },
    }),
  ];
}

function needProvider(provider: ProviderSignIn | null): ProviderSignIn {
  if (provider !== null) return provider;
  throw new Problem(404, "no_provider", {
    detail: "This space has no sign-in provider.",
    fix: "Sign in with mail and password; whoever runs the hub can set one up in koprade.yaml (oidc).",
  });
}
