import { afterEach, expect, test } from "vitest";
import { HubError } from "../../../hub/errors.ts";
import { roles } from "../../../hub/views.ts";
import { openRig, owner, type Rig } from "../../support/http.ts";

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

const here = { host: "localhost:8080" };
const fromPage = { ...here, origin: "http://localhost:8080", "sec-fetch-site": "same-origin", "content-type": "application/json" };

async function post(r: Rig, url: string, body: unknown, headers: Record<string, string> = {}) {
  return r.http.inject({
    method: "POST",
    url,
    headers: { ...fromPage, ...headers },
    payload: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function signedIn(r: Rig): Promise<string> {
  const answer = await post(r, "/api/login", { mail: owner.mail, password: owner.password });
  expect(answer.statusCode).toBe(200);
  return [answer.headers["set-cookie"]]
    .flat()
    .map((one) => String(one).split(";")[0])
    .join("; ");
}

const firstRun = (code: string) => ({
  code,
  space: "Koprades darbnīca",
  zone: "Europe/Riga",
  language: "lv",
  ownerName: "Ilze",
  mail: owner.mail,
  password: owner.password,
});

test("every route names who may use it, and a stranger gets nothing from those for staff", async () => {
  rig = await openRig({ withOwner: true });
  for (const route of rig.http.routes) {
    expect(["everyone", "newcomer", ...roles], route.url).toContain(route.access);
    if (route.access === "everyone") continue;
    const url = route.url.replace(":id", "laser-1").replace(":month", "2026-11");
    const answer = await rig.http.inject({
      method: route.method,
      url,
      headers: fromPage,
      ...(route.method === "POST" ? { payload: "{}" } : {}),
    });
    expect([401, 403], `${route.method} ${url}`).toContain(answer.statusCode);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
  }
});

test("the first owner needs the code, and the code works once", async () => {
  rig = await openRig();
  const code = rig.auth.firstRun?.code ?? "";
  expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  expect((await rig.http.inject({ url: "/api/session", headers: here })).json()).toMatchObject({ state: "first_run" });
  expect((await post(rig, "/api/first-run", firstRun("0000-0000"))).json()).toMatchObject({ code: "wrong_code", where: "code" });
  const made = await post(rig, "/api/first-run", firstRun(code.toLowerCase().replace("-", " ")));
  expect(made.json()).toMatchObject({ state: "signed_in", role: "owner" });
  const cookie = String([made.headers["set-cookie"]].flat()[0]);
  expect(cookie).toContain("HttpOnly");
  expect(cookie).toContain("SameSite=Strict");
  expect(rig.auth.firstRun).toBeNull();
  expect((await post(rig, "/api/first-run", firstRun(code))).statusCode).toBe(403);
});

test("five wrong codes or half an hour end the first run until the hub is started again", async () => {
  let now = 1_000_000;
  rig = await openRig({ nowMs: () => now });
  const code = rig.auth.firstRun?.code ?? "";
  for (let i = 0; i < 4; i += 1) expect((await post(rig, "/api/first-run", firstRun("wrong"))).json().code).toBe("wrong_code");
  expect((await post(rig, "/api/first-run", firstRun("wrong"))).json().code).toBe("code_spent");
  expect((await post(rig, "/api/first-run", firstRun(code))).json()).toMatchObject({
    code: "code_spent",
    fix: expect.stringContaining("start it again"),
  });
  await rig.close();
  rig = await openRig({ nowMs: () => now });
  const second = rig.auth.firstRun?.code ?? "";
  now += 30 * 60_000;
  expect((await post(rig, "/api/first-run", firstRun(second))).json().code).toBe("code_spent");
});

test("without an owner the hub answers nobody but its own computer, and under no foreign name", async () => {
  rig = await openRig();
  expect((await rig.http.inject({ url: "/api/session", headers: here, remoteAddress: "192.168.1.7" })).json().code).toBe("local_only");
  expect((await rig.http.inject({ url: "/api/session", headers: { host: "evil.example" } })).json().code).toBe("local_only");
  await rig.auth.createUser({ ...owner, role: "owner" });
  expect(
    (await rig.http.inject({ url: "/api/session", headers: { host: "koprade.lan" }, remoteAddress: "192.168.1.7" })).json().state,
  ).toBe("signed_out");
});

test("a wrong password says nothing about who exists, and the sixth try in a minute waits", async () => {
  rig = await openRig({ withOwner: true });
  const nobody = await post(rig, "/api/login", { mail: "nobody@example.org", password: "x" });
  const wrong = await post(rig, "/api/login", { mail: owner.mail, password: "x" });
  expect(nobody.statusCode).toBe(401);
  expect(nobody.body).toBe(wrong.body);
  for (let i = 0; i < 3; i += 1) await post(rig, "/api/login", { mail: owner.mail, password: "x" });
  const sixth = await post(rig, "/api/login", { mail: owner.mail, password: owner.password });
  expect(sixth.statusCode).toBe(429);
  expect(Number(sixth.headers["retry-after"])).toBeGreaterThan(0);
});

test("a change from another site is refused although the cookie came along", async () => {
  rig = await openRig({ withOwner: true });
  const cookie = await signedIn(rig);
  const tries: Record<string, string>[] = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const headers of tries) {
    const answer = await post(rig, "/api/doors/front-door/unlock", {}, { cookie, "idempotency-key": "12345678", ...headers });
    expect(answer.json().code).toBe("foreign_origin");
  }
  expect(rig.hub.asked).toEqual([]);
});

test("the same key opens the door once, another body under it is refused, and no key opens nothing", async () => {
  rig = await openRig({ withOwner: true });
  const cookie = await signedIn(rig);
  const unlock = (key: string, url = "/api/doors/front-door/unlock") => post(rig as Rig, url, {}, { cookie, "idempotency-key": key });
  expect((await Promise.all([unlock("press-one"), unlock("press-one")])).map((one) => one.json())).toEqual([
    { status: "applied" },
    { status: "applied" },
  ]);
  expect(rig.hub.asked).toHaveLength(1);
  expect(rig.hub.asked[0]?.actor).toMatchObject({ name: owner.name, role: "owner" });
  expect((await unlock("press-one", "/api/doors/yard-gate/unlock")).json().code).toBe("key_reused");
  expect((await post(rig, "/api/doors/front-door/unlock", {}, { cookie })).json().code).toBe("no_key");
  expect((await unlock("press-two", "/api/doors/no-such/unlock")).statusCode).toBe(404);
  expect(rig.hub.asked).toHaveLength(2);
});

test("bad input gets one sentence with the place and the remedy, and is not logged as our fault", async () => {
  rig = await openRig({ withOwner: true });
  const cookie = await signedIn(rig);
  const key = { cookie, "idempotency-key": "12345678" };
  const cases: [string, unknown, Record<string, string>, number, string][] = [
    ["/api/login", "{broken", {}, 400, "not_json"],
    ["/api/login", "", {}, 400, "not_json"],
    ["/api/login", "[1,2]", {}, 400, "invalid"],
    ["/api/login", { mail: "no", password: "x" }, {}, 400, "invalid"],
    ["/api/login", { mail: owner.mail, password: "x", extra: 1 }, {}, 400, "invalid"],
    ["/api/login", `{"mail":"${"x".repeat(20_000)}"}`, {}, 413, "too_large"],
    ["/api/login", "mail=a", { "content-type": "text/plain" }, 415, "not_json"],
    ["/api/login", '{"__proto__":{"a":1}}', {}, 400, "not_json"],
    ["/api/machines/laser-1/lock", { reason: "" }, key, 400, "invalid"],
    ["/api/machines/la%20ser/lock", { reason: "belt torn" }, key, 400, "invalid"],
    ["/api/machines/%ff/lock", { reason: "belt torn" }, key, 400, "bad_request"],
    ["/api/nothing", {}, {}, 404, "not_found"],
  ];
  for (const [url, body, headers, status, code] of cases) {
    const answer = await post(rig, url, body, headers);
    expect([answer.statusCode, answer.json().code], `${url} ${String(JSON.stringify(body)).slice(0, 60)} ${answer.body}`).toEqual([
      status,
      code,
    ]);
    expect(answer.json()).toMatchObject({ detail: expect.stringMatching(/\.$/), fix: expect.stringMatching(/./) });
  }
  const bad = await rig.http.inject({ url: "/api/decisions?member=x&at=laser-1", headers: { ...here, cookie } });
  expect(bad.json()).toMatchObject({ status: 400, where: "member" });
  expect((await rig.http.inject({ url: "/api/reports/2026-13", headers: { ...here, cookie } })).json()).toMatchObject({
    status: 400,
    where: "month",
  });
  expect(rig.lines).toEqual([]);
});

test("staff read power, reasons and reports, and a signed-out cookie reads nothing", async () => {
  rig = await openRig({ withOwner: true });
  const cookie = await signedIn(rig);
  const get = (url: string) => (rig as Rig).http.inject({ url, headers: { ...here, cookie } });
  expect((await get("/api/live")).json().machines).toHaveLength(5);
  expect((await get("/api/machines/laser-1/power")).json().points.length).toBeGreaterThan(100);
  expect((await get("/api/machines/no-such/power")).statusCode).toBe(404);
  expect((await get("/api/machines/laser-1/power?from=0")).json().where).toBe("from");
  expect((await get("/api/muster")).json()).toMatchObject({ isFrozen: true, people: [{ name: "Ada Ozola" }, { name: "Bo Ek" }] });
  expect((await get("/api/decisions?member=31&at=laser-1")).json().reason).toBe("TRAINING_MISSING");
  expect((await get("/api/reports/2026-11?language=lv")).json().tables).toHaveLength(1);
  const csv = await get("/api/reports/2026-11/file?format=csv");
  expect(csv.headers["content-disposition"]).toBe('attachment; filename="koprade_2026-11.csv"');
  expect(csv.body).toContain("Laser 1");
  await post(rig, "/api/logout", {}, { cookie });
  expect((await get("/api/live")).statusCode).toBe(401);
});

test("staff cannot do what only an owner may", async () => {
  rig = await openRig({ withOwner: true });
  await rig.auth.createUser({ mail: "staff@example.org", password: "another long one", name: "Staff", role: "staff" });
  const answer = await post(rig, "/api/login", { mail: "staff@example.org", password: "another long one" });
  const cookie = String([answer.headers["set-cookie"]].flat()[0]).split(";")[0] ?? "";
  expect((await post(rig, "/api/demo/start", {}, { cookie, "idempotency-key": "12345678" })).json().code).toBe("not_allowed");
  expect(
    (await post(rig, "/api/demo/tap", { card: "anna", reader: "laser-1" }, { cookie, "idempotency-key": "12345679" })).json().status,
  ).toBe("applied");
});

test("a new password from the terminal ends the sessions of the old one", async () => {
  rig = await openRig({ withOwner: true });
  const cookie = await signedIn(rig);
  expect(await rig.auth.setPassword({ mail: owner.mail, password: "quite another one" })).toBe(true);
  expect((await rig.http.inject({ url: "/api/live", headers: { ...here, cookie } })).statusCode).toBe(401);
  expect((await post(rig, "/api/login", { mail: owner.mail, password: "quite another one" })).statusCode).toBe(200);
});

test("every answer forbids foreign scripts, framing and sniffing", async () => {
  rig = await openRig({ withOwner: true });
  for (const url of ["/", "/now", "/api/session", "/no/such/page"]) {
    const answer = await rig.http.inject({ url, headers: here });
    const policy = String(answer.headers["content-security-policy"]);
    expect(policy, url).toContain("default-src 'none'");
    expect(policy, url).not.toContain("unsafe");
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  }
  const nonces = await Promise.all(
    [1, 2].map(async () => String((await (rig as Rig).http.inject({ url: "/now", headers: here })).headers["content-security-policy"])),
  );
  expect(nonces[0]).not.toBe(nonces[1]);
});

test("an operating failure is answered with its own sentence and remedy, a fault of ours without its insides", async () => {
  rig = await openRig({ withOwner: true });
  const cookie = await signedIn(rig);
  const failures: [Error, number, string][] = [
    [new HubError("CONFLICT", "the building is the only one"), 409, "conflict"],
    [new HubError("LEDGER_STALLED"), 503, "ledger_stalled"],
    [new TypeError("secret insides"), 500, "internal"],
  ];
  for (const [i, [error, status, code]] of failures.entries()) {
    rig.hub.failWith = error;
    const answer = await post(rig, "/api/doors/front-door/unlock", {}, { cookie, "idempotency-key": `key-number-${i}` });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.body).not.toContain("insides");
    expect(answer.json().fix).not.toBe("");
  }
  expect(rig.lines).toHaveLength(2);
});
