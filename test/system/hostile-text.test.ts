/**
 * Hostile texts in every text field of every route, on a real ledger: nothing breaks (no 5xx), nothing is sent back as a page, and what is
 * kept is kept as it came. `HOSTILE=2000` for the long walk; the suite takes a few of them for each field.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandTable } from "../../hub/command-table.ts";
import { exampleOf } from "../../hub/http/openapi-example.ts";
import type { Route } from "../../hub/http/route.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { tableOn } from "../../hub/live-view.ts";
import { hostileTexts } from "../support/hostile.ts";
import { openRig, owner, type Rig } from "../support/http.ts";
import { aLedger, temporaryDir } from "../support/ledger.ts";

const perField = Number(process.env["HOSTILE"] ?? 3);
const seed = Number(process.env["SEED"] ?? 1);
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let rig: Rig;
let cookie = "";
let nowMs = Date.now();
beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" });
  await ledger.change.addMember({ displayName: "Ada" }, "cli:test");
  const { give } = tableOn({ ledger, hub: { capture: async () => [] } });
  rig = await openRig({ withOwner: true, nowMs: () => nowMs, commands: { table: commandTable, give } });
  cookie = ((await rig.auth.signIn(owner))?.setCookies ?? []).map((each) => each.split(";")[0]).join("; ");
});
afterAll(async () => {
  await rig.close();
  await ledger.close();
  folder.remove();
});

type Place = readonly (string | number)[];
/** Where texts stand in a value. */
function placesOf(value: unknown, at: Place = []): Place[] {
  if (typeof value === "string") return [at];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...at, Array.isArray(value) ? Number(key) : key]));
}
function withText(value: unknown, [head, ...rest]: Place, text: string): unknown {
  if (head === undefined) return text;
  if (Array.isArray(value)) return value.map((inner, i) => (i === head ? withText(inner, rest, text) : inner));
  return { ...(value as object), [head]: withText((value as Record<string | number, unknown>)[head], rest, text) };
}

let sent = 0;
async function send(row: Route, url: string, body: unknown): Promise<number> {
  nowMs += 61_000;
  sent += 1;
  const answer = await rig.http.inject({
    method: row.method,
    url,
    headers: {
      host: "localhost",
      cookie,
      ...(row.method === "POST"
        ? { origin: "http://localhost", "content-type": "application/json", "idempotency-key": `hostile-${sent}` }
        : {}),
    },
    ...(row.method === "POST" ? { payload: JSON.stringify(body) } : {}),
  });
  if (url.startsWith("/api/") && !url.startsWith("/api/docs")) expect(String(answer.headers["content-type"]), url).not.toContain("html");
  return answer.statusCode;
}

it("breaks nothing, wherever it stands", async () => {
  const texts = hostileTexts(Math.max(perField, 30), seed);
  const broken: string[] = [];
  let fields = 0;
  let turn = 0;
  const next = (): string => texts[turn++ % texts.length] ?? "";
  for (const row of rig.http.routes) {
    // These end the session that the rest needs, or never end.
    if (["/api/logout", "/api/live/stream", "/api/wall/:name/stream", "/api/account/sessions/end"].includes(row.url)) continue;
    const body = row.body === undefined ? {} : (exampleOf(row.body) ?? {});
    const trial = async (url: string, what: string, given: unknown): Promise<void> => {
      const status = await send(row, url, given);
      if (status >= 500) broken.push(`${status} ${row.method} ${row.url} ${what}`);
    };
    const plain = row.url.replaceAll(/:\w+/g, "laser-1");
    for (const place of placesOf(body)) {
      fields += 1;
      for (let i = 0; i < perField; i += 1) {
        const text = next();
        await trial(plain, `${place.join(".")} ${JSON.stringify(text).slice(0, 60)}`, withText(body, place, text));
      }
    }
    if (row.url.includes(":")) {
      fields += 1;
      for (let i = 0; i < perField; i += 1) {
        const text = next().toWellFormed();
        await trial(row.url.replaceAll(/:\w+/g, encodeURIComponent(text)), `path ${JSON.stringify(text).slice(0, 60)}`, body);
      }
    }
    if (row.query !== undefined) {
      for (const field of ["cursor", "limit", "of", "month", "language", "member", "at", "from"]) {
        const text = next().toWellFormed();
        await trial(`${plain}?${field}=${encodeURIComponent(text)}`, `query ${field}`, body);
      }
    }
  }
  console.log(`hostile: ${fields} fields, ${sent} requests, ${broken.length} broken`);
  expect(broken).toEqual([]);
  expect(rig.lines.filter((line) => line.includes("fault in the hub"))).toEqual([]);
  expect(fields).toBeGreaterThan(180);
});
