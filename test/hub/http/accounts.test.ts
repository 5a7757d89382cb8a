/** Accounts over HTTP: invitations, passwords, an authenticator app, sessions, keys for programs. Real accounts file, real scrypt. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Role } from "../../../hub/views.ts";
import { openRig, owner, type Rig } from "../../support/http.ts";
import { totpOf } from "../../support/totp.ts";

const password = "a long enough password";
let rig: Rig;
let nowMs = Date.now();
const cookies: Record<string, string> = {};
beforeAll(async () => {
  rig = await openRig({ withOwner: true, nowMs: () => nowMs });
  const people: [string, Role, number | null][] = [
    ["manager", "manager", null],
    ["staff", "staff", null],
    ["ada", "member", 7],
  ];
  for (const [called, role, member] of people)
    await rig.auth.createUser({ mail: `${called}@example.org`, password, name: called, role, member });
  for (const called of ["manager", "staff", "ada"]) cookies[called] = (await signIn(`${called}@example.org`)).cookie;
  cookies["owner"] = (await signIn(owner.mail, owner.password)).cookie;
});
afterAll(() => rig.close());

type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly cookie: string };
async function send(method: "GET" | "POST", url: string, as: string, body?: unknown, more: Record<string, string> = {}): Promise<Answer> {
  nowMs += 61_000; // nobody here waits for the limits of others
  const cookie = cookies[as] ?? as;
  const answer = await rig.http.inject({
    method,
    url,
    headers: {
      host: "localhost",
      ...(cookie === "" ? {} : { cookie }),
      ...(method === "POST" ? { origin: "http://localhost", "content-type": "application/json" } : {}),
      ...more,
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  const set = [answer.headers["set-cookie"] ?? []].flat().filter((each) => !/Max-Age=0/i.test(each));
  return { status: answer.statusCode, body: answer.json(), cookie: set.map((each) => each.split(";")[0]).join("; ") };
}
const post = (url: string, as: string, body: unknown = {}, more: Record<string, string> = {}) => send("POST", url, as, body, more);
const get = (url: string, as: string, more: Record<string, string> = {}) => send("GET", url, as, undefined, more);
const signIn = (mail: string, with_ = password, as = "") => post("/api/login", as, { mail, password: with_ });

test("an invitation makes one account, once, with its role and member, and nothing else", async () => {
  const made = await post("/api/invitations", "staff", { role: "member", member: 12, name: "Bo" });
  expect(made.status).toBe(200);
  const token = String(made.body["token"]);
  const listed = await get("/api/invitations", "staff");
  expect(listed.body["items"]).toMatchObject([{ role: "member", member: 12, name: "Bo" }]);
  expect(JSON.stringify(listed.body)).not.toContain(token);
  expect((await post("/api/invitation", "", { token })).body).toEqual({ name: "Bo", role: "member", mail: null, isNew: true });
  const taken = { token, mail: "ada@example.org", password };
  expect(await post("/api/invitation/accept", "", taken)).toMatchObject({ status: 409, body: { code: "mail_taken" } });
  const both = await Promise.all(
    ["bo", "bo2"].map((box) => post("/api/invitation/accept", "", { token, mail: `${box}@example.org`, password })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
  const won = both.find(({ status }) => status === 200);
  expect(won?.body).toMatchObject({ state: "signed_in", role: "member", member: 12 });
  expect((await get("/api/session", won?.cookie ?? "")).body).toMatchObject({ state: "signed_in", member: 12 });
  expect(await post("/api/invitations", "staff", { role: "member", member: 12, name: "Bo" })).toMatchObject({
    status: 409,
    body: { code: "has_account" },
  });
});

test("nobody invites, changes or removes those at or above their own place, and the last owner stays", async () => {
  expect((await post("/api/invitations", "staff", { role: "staff", name: "X" })).status).toBe(403);
  expect((await post("/api/invitations", "manager", { role: "manager", name: "X" })).status).toBe(403);
  expect(await post("/api/invitations", "manager", { role: "member", name: "X" })).toMatchObject({
    status: 400,
    body: { where: "member" },
  });
  const all = (await get("/api/accounts?limit=2", "manager")).body as { items: { id: string; name: string; role: Role }[]; next: string };
  const rest = (await get(`/api/accounts?cursor=${all.next}`, "manager")).body as typeof all;
  const everyone = [...all.items, ...rest.items];
  expect(everyone.map(({ role }) => role).sort()).toEqual(["manager", "member", "member", "owner", "staff"]);
  expect(rest.next).toBeNull();
  const idOf = (role: Role) => everyone.find((row) => row.role === role)?.id ?? "";
  expect((await post(`/api/accounts/${idOf("owner")}/role`, "manager", { role: "staff" })).status).toBe(403);
  expect((await post(`/api/accounts/${idOf("staff")}/role`, "manager", { role: "owner" })).status).toBe(403);
  expect((await post(`/api/accounts/${idOf("owner")}/remove`, "owner", {})).body["code"]).toBe("last_owner");
  expect((await post(`/api/accounts/${idOf("owner")}/role`, "owner", { role: "staff" })).body["code"]).toBe("last_owner");
  expect((await post(`/api/accounts/${idOf("staff")}/role`, "manager", { role: "member", member: 30 })).status).toBe(200);
  expect((await get("/api/live", "staff")).status).toBe(403); // at once, in the session that is open
  expect((await post(`/api/accounts/${idOf("staff")}/role`, "manager", { role: "staff" })).status).toBe(200);
  expect(rig.records.acts.filter((act) => act.includes("setAccountRole")).length).toBe(2);
});

test("a code of the app is asked for once it is set up, counts once, and a recovery code counts once", async () => {
  expect((await post("/api/account/totp", "ada", { password: "not this one" })).body["code"]).toBe("wrong_present_password");
  const made = (await post("/api/account/totp", "ada", { password })).body as { uri: string; recoveryCodes: string[] };
  expect((await signIn("ada@example.org")).body["state"]).toBe("signed_in"); // not before a code has come back
  expect((await post("/api/account/totp/confirm", "ada", { code: "000000" })).status).toBe(403);
  const confirmed = await post("/api/account/totp/confirm", "ada", { code: totpOf(made.uri, Date.now() - 30_000) });
  expect(confirmed.status).toBe(200);
  expect((await get("/api/account", "ada")).status).toBe(401); // the old session is over
  cookies["ada"] = confirmed.cookie;
  const half = await signIn("ada@example.org");
  expect(half.body).toEqual({ state: "second_step" });
  expect((await get("/api/account", half.cookie)).status).toBe(401);
  expect((await post("/api/login/code", half.cookie, { code: "000000" })).body["code"]).toBe("wrong_totp");
  const code = totpOf(made.uri, Date.now());
  const whole = await post("/api/login/code", half.cookie, { code });
  expect(whole.body).toMatchObject({ state: "signed_in", member: 7 });
  nowMs -= 130_000; // the limits' clock goes on by itself here; the code is still of these 30 seconds
  const again = await signIn("ada@example.org");
  expect((await post("/api/login/code", again.cookie, { code })).status).toBe(401);
  const [recovery = ""] = made.recoveryCodes;
  const third = await signIn("ada@example.org");
  expect((await post("/api/login/code", third.cookie, { code: recovery })).status).toBe(200);
  const fourth = await signIn("ada@example.org");
  expect((await post("/api/login/code", fourth.cookie, { code: recovery })).status).toBe(401);
  const ended = await post("/api/account/totp/remove", "ada", { password });
  expect(ended.status).toBe(200);
  cookies["ada"] = ended.cookie;
  expect((await signIn("ada@example.org")).body["state"]).toBe("signed_in");
});

test("a new password ends the other sessions, and each can be ended from another", async () => {
  const [there, here] = [(await signIn("ada@example.org")).cookie, (await signIn("ada@example.org")).cookie];
  const rows = (await get("/api/account/sessions", here)).body["items"] as { id: string; here: boolean }[];
  expect(rows.filter((row) => row.here).length).toBe(1);
  expect((await post("/api/account/sessions/end", there, { id: rows.find((row) => row.here)?.id })).body).toEqual({ ended: 1 });
  expect((await get("/api/account", here)).status).toBe(401);
  expect((await post("/api/account/password", there, { password: "wrong", next: "another long one" })).status).toBe(403);
  const changed = await post("/api/account/password", there, { password, next: "another long one" });
  expect(changed.status).toBe(200);
  expect((await get("/api/account", there)).status).toBe(401);
  expect((await get("/api/account", changed.cookie)).status).toBe(200);
  expect((await signIn("ada@example.org")).status).toBe(401);
  const { id } = rig.auth.accounts.byMail("ada@example.org") ?? { id: "" };
  const link = await post(`/api/accounts/${id}/password-link`, "staff");
  expect((await post("/api/invitation/accept", "", { token: link.body["token"], password })).body).toMatchObject({ state: "signed_in" });
  cookies["ada"] = (await signIn("ada@example.org")).cookie;
});

test("a session that came along with the sign-in is never gone on with, and ends", async () => {
  const planted = (await signIn("ada@example.org")).cookie;
  const mine = await signIn("staff@example.org", password, planted);
  expect(mine.cookie).not.toBe(planted);
  expect((await get("/api/account", planted)).status).toBe(401);
  const strange = `koprade.session_token=${"x".repeat(32)}.${"A".repeat(43)}%3D`;
  const other = await signIn("staff@example.org", password, strange);
  expect(other.cookie).not.toContain("x".repeat(32));
  expect((await get("/api/account", strange)).status).toBe(401);
});

test("a key reads or commands as its scope and role say, never touches accounts, and ends with its account's power", async () => {
  expect((await post("/api/account/keys", "staff", { name: "wall" })).status).toBe(403);
  expect((await post("/api/account/keys", "manager", { name: "wall", role: "owner" })).status).toBe(403);
  const made = (await post("/api/account/keys", "manager", { name: "wall", role: "staff", scope: "read" })).body as {
    secret: string;
    key: { id: string };
  };
  const bearer = { authorization: `Bearer ${made.secret}` };
  expect((await get("/api/live", "", bearer)).status).toBe(200);
  expect((await get("/api/account", "", bearer)).body["code"]).toBe("not_for_keys");
  expect((await post("/api/doors/front-door/unlock", "", {}, { ...bearer, "idempotency-key": "12345678" })).body["code"]).toBe(
    "scope_too_small",
  );
  const second = (await post("/api/account/keys", "manager", { name: "door", role: "staff", scope: "commands" })).body as typeof made;
  // No origin: a program has none, and a browser never sends a bearer by itself.
  const asProgram = await rig.http.inject({
    method: "POST",
    url: "/api/doors/front-door/unlock",
    headers: { host: "hub", authorization: `Bearer ${second.secret}`, "idempotency-key": "12345679", "content-type": "application/json" },
    payload: "{}",
  });
  expect(asProgram.statusCode).toBe(200);
  expect(rig.hub.asked.at(-1)?.actor).toEqual({ id: `key-${second.key.id}`, name: "door", role: "staff", member: null });
  const listed = await get("/api/account/keys", "manager");
  expect(JSON.stringify(listed.body)).not.toContain(made.secret.slice(8));
  expect((listed.body["items"] as { usedMs: number | null }[]).every(({ usedMs }) => usedMs !== null)).toBe(true);
  expect((await post("/api/account/keys/revoke", "manager", { id: made.key.id })).status).toBe(200);
  expect((await get("/api/live", "", bearer)).status).toBe(401);
  const { id } = rig.auth.accounts.byMail("manager@example.org") ?? { id: "" };
  rig.auth.accounts.setRole(id, "member", 9);
  expect((await get("/api/live", "", { authorization: `Bearer ${second.secret}` })).status).toBe(403);
  rig.auth.accounts.setRole(id, "manager", null);
});

test("wrong passwords, codes, keys and links are slowed down, by address and by account", async () => {
  const from = async (n: number, url: string, body: unknown, more: Record<string, string> = {}) => {
    const statuses: number[] = [];
    for (let i = 0; i < n; i += 1) {
      nowMs -= 61_000;
      statuses.push((await (body === undefined ? get(url, "", more) : post(url, "", body, more))).status);
    }
    nowMs += 61_000;
    return statuses;
  };
  expect((await from(7, "/api/login", { mail: "nobody@example.org", password: "x" })).slice(5)).toEqual([429, 429]);
  nowMs += 61_000;
  expect((await from(7, "/api/invitation", { token: "x".repeat(43) })).slice(5)).toEqual([429, 429]);
  nowMs += 61_000;
  expect((await from(7, "/api/login/code", { code: "123456" })).slice(5)).toEqual([429, 429]);
  nowMs += 61_000;
  const wrong = await from(22, "/api/live", undefined, { authorization: `Bearer koprade_${"x".repeat(43)}` });
  expect([wrong[0], wrong.at(-1)]).toEqual([401, 429]);
});
