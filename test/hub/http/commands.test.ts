/** Every permission command over HTTP: reachable, signed in, asked once, checked by the ledger. A real ledger behind a real server. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandTable } from "../../../hub/command-table.ts";
import { openAuth } from "../../../hub/http/auth.ts";
import { createHttp, type Http } from "../../../hub/http/server.ts";
import { type CommandName, inputs } from "../../../hub/ledger/inputs.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { recordsOf, tableOn } from "../../../hub/live-view.ts";
import { roles } from "../../../hub/views.ts";
import { aLedger, quietLog, temporaryDir } from "../../support/ledger.ts";
import { noManager } from "../../support/no-manager.ts";
import { noKiosks, noStaff } from "../../support/no-staff.ts";
import { fakeHub, noMe, noNeighbours, noScreens } from "../../support/views.ts";

const password = "a long enough password";
const captured: string[] = [];
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let http: Http;
let close: () => Promise<void>;
const cookies = { owner: "", manager: "", staff: "", member: "" };
let keys = 0;

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" });
  const auth = await openAuth({ path: ":memory:", secure: false });
  for (const role of roles)
    await auth.createUser({ mail: `${role}@example.org`, password, name: "Ilze", role, member: role === "member" ? 1 : null });
  const hub = {
    async capture(resource: string | null, actor: string) {
      captured.push(`${resource} ${actor}`);
      return resource === null ? [] : [resource];
    },
  };
  const fake = fakeHub();
  const commands = { ...fake.commands, table: commandTable, ...tableOn({ ledger, hub }) };
  http = await createHttp({
    port: 0,
    host: "127.0.0.1",
    views: fake.views,
    commands,
    records: recordsOf({ ledger }),
    neighbours: noNeighbours,
    staff: noStaff,
    manager: noManager,
    screens: noScreens,
    kiosks: noKiosks,
    me: noMe,
    auth,
    log: quietLog(),
    staticDir: "/nowhere",
  });
  for (const role of roles)
    cookies[role] = ((await auth.signIn({ mail: `${role}@example.org`, password }))?.setCookies ?? [])
      .map((cookie) => cookie.split(";")[0])
      .join("; ");
  close = async () => {
    await http.close();
    auth.close();
    await ledger.close();
    folder.remove();
  };
});
afterAll(() => close());

async function post(name: string, body: object, as: keyof typeof cookies | null, key = `key-${"x".repeat(8)}-${++keys}`) {
  const answer = await http.inject({
    method: "POST",
    url: `/api/commands/${name}`,
    headers: {
      origin: "http://localhost",
      host: "localhost",
      "content-type": "application/json",
      "idempotency-key": key,
      ...(as === null ? {} : { cookie: cookies[as] }),
    },
    payload: JSON.stringify(body),
  });
  return { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
}

it("has a route for every command, and none for anything else", async () => {
  const routes = http.routes.filter(({ url }) => url.startsWith("/api/commands/")).map(({ url }) => url.slice(14));
  expect(routes.sort()).toEqual((Object.keys(inputs) as CommandName[]).sort());
  expect((await post("dropEverything", {}, "owner")).status).toBe(404);
  for (const { name } of commandTable) expect([name, (await post(name, {}, null)).status]).toEqual([name, 401]);
});

it("lets owners do all, staff what staff may, and says who was it in the audit", async () => {
  expect(await post("addPlan", { plan: "full", label: "Full" }, "staff")).toMatchObject({ status: 403, body: { code: "not_allowed" } });
  expect((await post("addPlan", { plan: "full", label: "Full" }, "owner")).status).toBe(200);
  expect(await post("addMember", { displayName: "Ada" }, "staff")).toEqual({ status: 200, body: { member: 1 } });
  expect(ledger.read.audit(1)[0]).toMatchObject({ action: "addMember", actor: expect.stringMatching(/^staff:[\w-]+$/) });
  expect((await post("setRoles", { member: 1, roles: ["steward"] }, "staff")).status).toBe(403);
  expect((await post("setRoles", { member: 1, roles: ["steward"] }, "owner")).status).toBe(200);
});

it("lets members do what the ledger lets their own record do, and nothing else", async () => {
  expect((await post("signWaiver", { member: 1, revision: 1 }, "member")).status).toBe(200); // a steward since the test above
  expect(await post("addMember", { displayName: "Eve" }, "member")).toMatchObject({ status: 403, body: { code: "not_allowed" } });
  expect((await post("setPin", { member: 1, pin: "4711" }, "member")).status).toBe(200);
  expect(ledger.read.audit(1)[0]).toMatchObject({ action: "setPin", actor: "member:1" });
  expect(await post("setPin", { member: 2, pin: "4711" }, "member")).toMatchObject({ status: 403, body: { code: "forbidden" } });
});

it("refuses wrong input with a sentence and the field, and what cannot be with the ledger's own", async () => {
  expect(await post("addMember", { displayName: "" }, "owner")).toMatchObject({ status: 400, body: { where: "displayName" } });
  expect(await post("addMember", { displayName: "Bo", admin: true }, "owner")).toMatchObject({ status: 400 });
  expect(await post("setMembership", { member: 9, plan: "full", from: "2026-01-01" }, "staff")).toMatchObject({
    status: 404,
    body: { detail: "There is no member 9." },
  });
  expect(ledger.read.members().length).toBe(1);
});

it("happens once for one key", async () => {
  const [first, second] = [
    await post("addMember", { displayName: "Cid" }, "owner", "one-key-1"),
    await post("addMember", { displayName: "Cid" }, "owner", "one-key-1"),
  ];
  expect([first.body, second.body]).toEqual([{ member: 2 }, { member: 2 }]);
  expect(await post("addMember", { displayName: "Dan" }, "owner", "one-key-1")).toMatchObject({ status: 422 });
  expect(ledger.read.members().length).toBe(2);
});

it("does at once what only the running hub can, and takes long imports", async () => {
  expect(await post("openCapture", { member: 1 }, "staff")).toMatchObject({ status: 200, body: { readers: [] } });
  expect(captured[0]).toMatch(/^null staff:/);
  const rows = Array.from({ length: 500 }, (_, i) => ({ displayName: `Member number ${i}`, plan: "full", from: "2026-01-01" }));
  expect((await post("importMembers", { rows }, "owner")).status).toBe(200);
  expect(ledger.read.members().length).toBe(502);
  expect((await post("addMember", { displayName: "x".repeat(20_000) }, "owner")).status).toBe(413);
});
