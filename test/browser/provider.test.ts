/** Signing in at the space's own provider: a real one, a real hub, a real browser between them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configSchema } from "../../hub/config.ts";
import { type RunningHub, startHub } from "../../hub/start.ts";
import { systemClock, systemIds, systemLog } from "../../hub/system.ts";
import { accessibilityFaults, buildPages, openBrowser, openPage, shoot } from "../support/browser.ts";
import { freePort } from "../support/hub-process.ts";
import { type OidcRig, openOidc } from "../support/oidc.ts";

const password = "a long enough password";
const client = { clientId: "koprade", clientSecret: "a-secret-between-the-two" };
let dir: string;
let hub: RunningHub;
let oidc: OidcRig;
let browser: Browser;

beforeAll(async () => {
  buildPages();
  dir = await mkdtemp(join(tmpdir(), "koprade-oidc-"));
  const port = await freePort();
  const hubUrl = `http://localhost:${port}`;
  const people = {
    ilze: { mail: "ilze@example.org", verified: true },
    mallory: { mail: "ilze@example.org", verified: false },
    stranger: { mail: "stranger@example.org", verified: true },
  };
  oidc = await openOidc({ hubUrl, ...client, people });
  hub = await startHub({
    ...{ dir, clock: systemClock, ids: systemIds, log: systemLog("error"), version: "test", space: "real" },
    config: configSchema.parse({
      ...{ site: "oidc", http: { port }, mqtt: { tlsPort: 0 } },
      oidc: { name: "Our cloud", issuer: oidc.issuer, hubUrl, ...client },
    }),
    makeBuilding: () => Promise.reject(new Error("no building here")),
    markSimulated: () => undefined,
  });
  await hub.auth.createUser({ mail: "ilze@example.org", password, name: "Ilze", role: "owner" });
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  await oidc?.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Through the provider's own pages, in a browser that knows nobody. */
async function arriveAs(person: string) {
  const { page } = await openPage(browser, { width: 390, height: 844 });
  await page.goto(`${hub.url.replace("127.0.0.1", "localhost")}/login`);
  await page.getByRole("link", { name: "Sign in with Our cloud" }).click();
  await page.locator("input[name=login]").fill(person);
  await page.locator("input[name=password]").fill("whatever");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(/\/(now|login)/);
  return page;
}

test("whoever the provider vouches for by the address of an account is signed in as that account, and it is written down", async () => {
  const page = await arriveAs("ilze");
  await page.waitForURL(/\/now/);
  await page.locator("main h1").first().waitFor({ state: "attached" });
  const session = await page.request.get(`${new URL(page.url()).origin}/api/session`);
  expect(await session.json()).toMatchObject({ state: "signed_in", name: "Ilze", role: "owner" });
  const acts = hub.stack.ledger.read.audit(20).filter(({ action }) => action === "signIn");
  expect(acts).toMatchObject([{ detail: JSON.stringify({ by: "provider" }) }]);
  await page.context().close();
});

test.each([
  ["an address that the provider never checked", "mallory"],
  ["an address without an account", "stranger"],
])("%s lets nobody in and makes no account", async (_what, person) => {
  const page = await arriveAs(person);
  await page.waitForURL(/\/login/);
  await page.getByRole("alert").getByText("Our cloud did not let you in here").waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await shoot(page, `provider-refused-${person}`);
  expect(hub.auth.accounts.list({ after: undefined, limit: 9 })).toHaveLength(1);
  await page.context().close();
});

test("a way back that nobody began here is refused, whatever it says", async () => {
  const origin = hub.url.replace("127.0.0.1", "localhost");
  const answer = await fetch(`${origin}/api/sign-in/callback/space?code=abc&state=def&iss=${encodeURIComponent(oidc.issuer)}`);
  expect(answer.headers.getSetCookie().filter((cookie) => cookie.includes("session_token=") && !/Max-Age=0/i.test(cookie))).toEqual([]);
  expect(await answer.text()).toContain("/login?refused=provider");
});
