/** Every role, strangers and keys of programs among them, against every route: as the table beside this test has it, no more and no less. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandTable } from "../../hub/command-table.ts";
import type { Route } from "../../hub/http/route.ts";
import { isAtLeast, type Role, roles } from "../../hub/views.ts";
import { openRig, type Rig } from "../support/http.ts";
import { commandRights, rights } from "../support/rights.ts";

const password = "a long enough password";
let rig: Rig;
let nowMs = Date.now();
/** how each of them says who they are */
const callers: {
  readonly name: string;
  readonly role: Role | null;
  readonly scope: "read" | "commands" | null;
  readonly headers: Record<string, string>;
}[] = [{ name: "stranger", role: null, scope: null, headers: {} }];

beforeAll(async () => {
  rig = await openRig({ withOwner: true, nowMs: () => nowMs, commands: { table: commandTable, give: async () => ({}) } });
  for (const role of roles) {
    const mail = `${role}@matrix.example`;
    await rig.auth.createUser({ mail, password, name: role, role, member: role === "member" ? 7 : null });
    const cookie = ((await rig.auth.signIn({ mail, password }))?.setCookies ?? []).map((each) => each.split(";")[0]).join("; ");
    callers.push({ name: role, role, scope: null, headers: { cookie } });
    const owner = rig.auth.accounts.byMail("owner@example.org")?.id ?? "";
    for (const scope of ["read", "commands"] as const) {
      const made = rig.auth.keys.make(owner, { name: scope, role, scope, expiresMs: null });
      callers.push({ name: `${role}'s key to ${scope}`, role, scope, headers: { authorization: `Bearer ${made?.secret}` } });
    }
  }
});
afterAll(() => rig.close());

type Right = { readonly least: Role | "everyone" | "newcomer"; readonly forKeys: boolean };
function expected(): Map<string, Right> {
  const table = new Map<string, Right>();
  for (const line of rights.trim().split("\n")) {
    const [least = "", method = "", url = "", key] = line.split(" ");
    table.set(`${method} ${url}`, { least: least as Right["least"], forKeys: key !== "-key" });
  }
  for (const { name } of commandTable) {
    const least = (["owner", "member", "staff"] as const).find((role) => commandRights[role].some((one) => one === name)) ?? "manager";
    table.set(`POST /api/commands/${name}`, { least, forKeys: true });
  }
  return table;
}

/** Let in, or stopped before anything was looked at: by the guard, never by the command. */
const stops = ["signed_out", "not_allowed", "owner_exists", "wrong_key", "not_for_keys", "scope_too_small"];
async function isLetIn(row: Route, headers: Record<string, string>): Promise<boolean> {
  nowMs += 61_000;
  const answer = await rig.http.inject({
    method: row.method,
    // What is asked for is nowhere: whoever is let in learns only that.
    url: row.url.replaceAll(/:\w+/g, "no-such"),
    headers: {
      host: "localhost",
      ...(row.method === "POST"
        ? { origin: "http://localhost", "content-type": "application/json", "idempotency-key": "matrix-key-1" }
        : {}),
      ...headers,
    },
    ...(row.method === "POST" ? { payload: '{"no such field":1}' } : {}),
  });
  const isProblem = String(answer.headers["content-type"]).startsWith("application/problem+json");
  return !(isProblem && stops.includes(answer.json().code));
}

it("has every route in the table and no other", () => {
  expect(rig.http.routes.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([...expected().keys()].sort());
});

it("lets in exactly those whom the table names", async () => {
  const table = expected();
  const wrong: string[] = [];
  let cells = 0;
  // Signing out does what it says, so it comes last.
  const inOrder = [...rig.http.routes].sort((a, b) => Number(a.url === "/api/logout") - Number(b.url === "/api/logout"));
  for (const row of inOrder) {
    const right = table.get(`${row.method} ${row.url}`);
    // It goes on for ever once it is let in; stream.test.ts has it.
    if (right === undefined || row.url.endsWith("/stream")) continue;
    for (const caller of callers) {
      cells += 1;
      const should = shouldBeLetIn(right, caller, row.method);
      if ((await isLetIn(row, caller.headers)) !== should)
        wrong.push(`${row.method} ${row.url} ${caller.name}: should ${should ? "" : "not "}be let in`);
    }
  }
  console.log(`roles: ${rig.http.routes.length} routes × ${callers.length} callers, ${cells} cells, ${wrong.length} mismatches`);
  expect(wrong).toEqual([]);
  expect(cells).toBeGreaterThan(1500);
});

function shouldBeLetIn({ least, forKeys }: Right, caller: (typeof callers)[number], method: string): boolean {
  if (least === "everyone") return true;
  if (least === "newcomer" || caller.role === null) return false;
  if (caller.scope !== null && (!forKeys || (method === "POST" && caller.scope === "read"))) return false;
  return isAtLeast(caller.role, least);
}
