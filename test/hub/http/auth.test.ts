import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Auth, openAuth } from "../../../hub/http/auth.ts";

const anna = { mail: "anna@example.org", password: "a long enough one", name: "Anna", role: "owner" } as const;
let auth: Auth | undefined;
afterEach(() => {
  auth?.close();
  auth = undefined;
});

const cookieOf = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(";")[0]).join("; ");

test("a session outlives the hub's restart and ends with sign-out, at once", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "koprade-auth-")), "auth.db");
  auth = await openAuth({ path, secure: false });
  await auth.createUser(anna);
  expect(statSync(path).mode & 0o077).toBe(0);
  const { setCookies, session } = (await auth.signIn(anna)) ?? { setCookies: [], session: undefined };
  const cookie = cookieOf(setCookies);
  auth.close();
  auth = await openAuth({ path, secure: false });
  expect(auth.hasOwner()).toBe(true);
  expect(auth.firstRun).toBeNull();
  expect(await auth.session(cookie)).toMatchObject({ actor: { name: "Anna", role: "owner" } });
  expect(await auth.alive(session?.token ?? "")).toBe(true);
  await auth.signOut(cookie);
  expect(await auth.session(cookie)).toBeUndefined();
  expect(await auth.alive(session?.token ?? "")).toBe(false);
});

test("a forged or changed cookie is nobody's", async () => {
  auth = await openAuth({ path: ":memory:", secure: false });
  await auth.createUser(anna);
  const cookie = cookieOf((await auth.signIn(anna))?.setCookies ?? []);
  expect(await auth.session(cookie)).toBeDefined();
  for (const forged of [
    "",
    "koprade.session_token=",
    "koprade.session_token=x.y",
    cookie.slice(0, -6),
    cookie.replace(/=(.)/, (_all, first: string) => `=${first === "a" ? "b" : "a"}`),
    `${cookie.split(".").slice(0, 2).join(".")}.`,
  ]) {
    expect(await auth.session(forged), forged).toBeUndefined();
  }
});

test("an account left by a first run that was cut short does not stand in the way of the next", async () => {
  auth = await openAuth({ path: ":memory:", secure: false });
  await auth.createUser({ ...anna, role: "staff" });
  expect(auth.hasOwner()).toBe(false);
  expect(await auth.createUser(anna)).toBe("made");
  expect(auth.hasOwner()).toBe(true);
  expect(await auth.createUser(anna)).toBe("taken");
  expect((await auth.signIn(anna))?.session?.actor.role).toBe("owner");
});
