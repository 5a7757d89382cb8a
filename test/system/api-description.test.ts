/** The API's description: complete, with examples that its own shapes let through, readable without the internet. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandTable } from "../../hub/command-table.ts";
import { exampleOf } from "../../hub/http/openapi-example.ts";
import { openRig, type Rig } from "../support/http.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ withOwner: true, commands: { table: commandTable } });
});
afterAll(() => rig.close());
const intricate = ["setNoticeTopic", "addWish", "askCorrection", "setIndicator", "commission"];
const here = { host: "localhost" };

it("describes every route, who may use it, and every body by an example that the hub would take", async () => {
  const answer = await rig.http.inject({ url: "/api/openapi.json", headers: here });
  expect(answer.statusCode).toBe(200);
  const { paths, openapi } = answer.json() as {
    openapi: string;
    paths: Record<string, Record<string, { description: string; requestBody?: { content: Record<string, { example?: unknown }> } }>>;
  };
  expect(openapi).toBe("3.1.0");
  const without: string[] = [];
  for (const row of rig.http.routes) {
    const operation = paths[row.url.replaceAll(/:(\w+)/g, "{$1}")]?.[row.method.toLowerCase()];
    expect(operation?.description, row.url).toMatch(/^For: /);
    if (row.body === undefined) continue;
    const example = operation?.requestBody?.content["application/json"]?.example;
    if (example === undefined) without.push(row.url);
    else expect(row.body.safeParse(example).success, row.url).toBe(true);
    expect(exampleOf(row.body)).toEqual(example);
  }
  // Their inputs are figures and sheets that nobody writes by hand, or fields that go with one another.
  expect(without).toEqual(intricate.map((name) => `/api/commands/${name}`));
});

it("shows it as pages out of the hub's own files, with no script or style inside the page", async () => {
  const page = await rig.http.inject({ url: "/api/docs", headers: here });
  expect(page.body).not.toMatch(/<script>|<style|https?:/);
  expect(String(page.headers["content-security-policy"])).toContain("script-src 'self'");
  for (const [, file] of page.body.matchAll(/(?:src|href)="([^"]+)"/g))
    expect((await rig.http.inject({ url: file ?? "", headers: here })).statusCode, file).toBe(200);
  expect((await rig.http.inject({ url: "/api/docs/..%2Fpackage.json", headers: here })).statusCode).toBe(404);
});
