/**
 * The example flow for Node-RED: it can only listen, its wires lead where they should, and the code of its functions takes what a real
 * hub really posts, and nothing that only looks like it.
 */
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, Script } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import * as z from "zod";
import { furnishedFolder, type HubProcess, openTestLedger, startHubProcess } from "../support/hub-process.ts";
import { anEvent } from "../support/ledger.ts";
import { until } from "../support/terminal.ts";

const node = z.looseObject({ id: z.string(), z: z.string().optional(), wires: z.array(z.array(z.string())).default([]) });
const base = node.extend({ name: z.string().min(1), x: z.number(), y: z.number() });
/** What the flow is made of. Nothing here can send anything to a hub but a GET. */
const flowSchema = z.array(
  z.discriminatedUnion("type", [
    node.extend({
      type: z.literal("tab"),
      label: z.string(),
      env: z.array(z.object({ name: z.string(), value: z.literal(""), type: z.enum(["str", "cred"]) })),
    }),
    base.extend({ type: z.literal("http in"), method: z.literal("post"), url: z.string(), skipBodyParsing: z.literal(true) }),
    base.extend({ type: z.literal("http response") }),
    base.extend({
      type: z.literal("function"),
      func: z.string(),
      outputs: z.int(),
      libs: z.array(z.object({ var: z.string(), module: z.enum(["crypto"]) })),
    }),
    base.extend({ type: z.literal("debug") }),
    base.extend({ type: z.literal("inject"), repeat: z.string() }),
    base.extend({
      type: z.literal("http request"),
      method: z.literal("GET"),
      url: z.string().regex(/^\$\{KOPRADE_URL\}\/spaceapi\.json$/),
      authType: z.literal(""),
    }),
  ]),
);
type Message = { readonly payload?: unknown; readonly statusCode?: number; readonly [name: string]: unknown };
type Delivery = { readonly headers: Readonly<Record<string, unknown>>; readonly payload: Buffer };

const text = await readFile("dashboards/node-red/koprade.json", "utf8");
const flow = flowSchema.parse(JSON.parse(text));
const secretName = "KOPRADE_WEBHOOK_SECRET";
let dir: string;
let hub: HubProcess;
let secret = "";
const deliveries: Delivery[] = [];
const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    deliveries.push({ headers: request.headers, payload: Buffer.concat(pieces) });
    response.writeHead(204).end();
  });
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  dir = await mkdtemp(join(tmpdir(), "koprade-node-red-"));
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addNode({ node: "node-1", kind: "machine" }, "cli:test");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/koprade`;
    ({ secret } = await change.addWebhook({ url, kinds: ["mach.oops", "mach.fault", "mach.safety_input"] }, "cli:test"));
  });
  const spaceApi = { url: "https://example.org", logo: "https://example.org/logo.svg", email: "info@example.org" };
  await writeFile(join(dir, "koprade.yaml"), stringify({ neighbours: { spaceApi } }));
  hub = await startHubProcess(folder);
  const ledger = await openTestLedger(dir, "tool");
  const from = { node: "node-1", ch: "machine" };
  await ledger.append("node-1", [
    anEvent(1, { kind: "mach.oops" }, from),
    anEvent(2, { kind: "mach.fault", cause: "relay" }, from),
    anEvent(3, { kind: "mach.safety_input" }, from),
  ]);
  await ledger.close();
  await until("the hub to tell", () => deliveries.length > 0, 30_000);
}, 120_000);
afterAll(async () => {
  await hub.stop();
  server.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** A function node as Node-RED runs it: its code in a sandbox, with `msg`, `node`, `context`, `env` and the modules that it names. */
function functionNode(id: string, environment: Readonly<Record<string, string>> = {}) {
  const found = flow.find((one) => one.id === id);
  if (found?.type !== "function") throw new Error(`there is no function ${id}`);
  const kept = new Map<string, unknown>();
  const warnings: string[] = [];
  const sandbox = {
    node: { warn: (word: string) => warnings.push(word) },
    context: { get: (name: string) => kept.get(name), set: (name: string, value: unknown) => kept.set(name, value) },
    env: { get: (name: string) => environment[name] },
    Buffer,
    Date,
    ...Object.fromEntries(found.libs.map(({ var: name, module }) => [name, createRequire(import.meta.url)(module)])),
  };
  const code = new Script(`(function (msg) {\n${found.func}\n})`).runInContext(createContext(sandbox)) as (msg: Message) => unknown;
  return { warnings, run: (msg: Message): unknown => code(msg) };
}
const asked = ({ headers, payload }: Delivery): Message => ({ payload, req: { headers } });
const verify = (environment: Readonly<Record<string, string>> = { [secretName]: secret }) => functionNode("koprade-verify", environment);
const first = (): Delivery => {
  const [delivery] = deliveries;
  if (delivery === undefined) throw new Error("nothing was delivered");
  return delivery;
};
const [believed, refused] = [0, 1];
const outputs = (told: unknown): (Message | null)[] => z.array(z.custom<Message | null>()).length(2).parse(told);

test("what a hub posts is believed, thanked for, told once and said in a sentence", () => {
  const told = outputs(verify().run(asked(first())))[believed];
  expect(functionNode("koprade-answer").run(told ?? {})).toMatchObject({ statusCode: 204, payload: "" });
  const each = functionNode("koprade-each");
  const [entries = []] = z.array(z.array(z.custom<Message>())).parse(each.run(told ?? {}));
  expect(entries.map(({ topic }) => topic)).toEqual(["mach.oops", "mach.fault", "mach.safety_input"]);
  const say = functionNode("koprade-say");
  expect(entries.map((entry) => z.object({ payload: z.string() }).nullable().parse(say.run(entry))?.payload)).toEqual([
    "somebody says that node-1 is broken",
    "node-1 has a fault: relay",
    undefined,
  ]);
  expect(each.run(told ?? {})).toEqual([[]]);
});

test.each<[string, (delivery: Delivery) => Delivery]>([
  ["another body", ({ headers, payload }) => ({ headers, payload: Buffer.from(payload.toString().replace("mach.oops", "mach.oopz")) })],
  ["no signature", ({ payload }) => ({ headers: {}, payload })],
  [
    "an old signature",
    ({ headers, payload }) => ({
      headers: { ...headers, "koprade-signature": String(headers["koprade-signature"]).replace(/t=\d+/, "t=1000") },
      payload,
    }),
  ],
  [
    "a signature that is none",
    ({ payload }) => ({ headers: { "koprade-signature": `t=${Math.floor(Date.now() / 1000)},v1=00` }, payload }),
  ],
])("%s is refused with 401 and goes no further", (_what, changed) => {
  const { run, warnings } = verify();
  const told = outputs(run(asked(changed(first()))));
  expect(told[believed]).toBeNull();
  expect(told[refused]).toMatchObject({ statusCode: 401, payload: "" });
  expect(warnings).toHaveLength(1);
});

test("without the secret, or with another one, nobody is believed", () => {
  for (const environment of [{}, { [secretName]: "x".repeat(40) }])
    expect(outputs(verify(environment).run(asked(first())))[believed]).toBeNull();
});

test("whether the space is open is told when it changes; what the hub does not say is not closed", async () => {
  const answer: unknown = await (await fetch(`${hub.url}/spaceapi.json`)).json();
  const open = functionNode("koprade-open");
  const said = z.object({ state: z.object({ open: z.boolean().optional() }).optional() }).parse(answer).state?.open;
  expect(open.run({ payload: answer })).toEqual(said === undefined ? null : { topic: "space", payload: said ? "open" : "closed" });
  const words = [{ state: { open: true } }, { state: { open: true } }, {}, "<html>", { state: { open: false } }].map((payload) =>
    functionNodeWord(open.run({ payload })),
  );
  expect(words.filter((word) => word !== null)).toEqual(said === true ? ["closed"] : ["open", "closed"]);
});
const functionNodeWord = (told: unknown): string | null => z.object({ payload: z.string() }).nullable().parse(told)?.payload ?? null;

test("its wires lead to nodes that are there, from every output, and it holds no address and no secret", () => {
  const ids = new Set(flow.map(({ id }) => id));
  expect(ids.size).toBe(flow.length);
  const reached = new Set(flow.flatMap(({ wires }) => wires.flat()));
  for (const one of flow) {
    expect(one.wires.flat().filter((id) => !ids.has(id))).toEqual([]);
    if (one.type === "function") expect(one.wires).toHaveLength(one.outputs);
    if (one.type !== "tab") expect(one.z).toBe("koprade-tab");
    if (one.type !== "tab" && one.type !== "http in" && one.type !== "inject") expect(reached.has(one.id)).toBe(true);
  }
  expect(text).not.toMatch(/https?:\/\/|\d+\.\d+\.\d+\.\d+|mqtt|password/i);
});
