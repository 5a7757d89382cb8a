/**
 * The description of the API (OpenAPI 3.1) out of the route table, with an example of every body. Made when somebody first asks, on a
 * server of its own that never listens: neither start nor memory of the hub know of it before.
 */
import Fastify from "fastify";
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import * as z from "zod";
import { exampleOf } from "./openapi-example.ts";
import type { Route } from "./route.ts";

const groups: Readonly<Record<string, string>> = { commands: "Commands of the ledger, one route each; they need an Idempotency-Key" };

/** The document as JSON. */
export async function describeApi(routes: readonly Route[], version: string): Promise<string> {
  const { default: swagger } = await import("@fastify/swagger");
  const app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Koprade", version, description: intro },
      components: {
        securitySchemes: {
          page: { type: "apiKey", in: "cookie", name: "koprade.session_token" },
          key: { type: "http", scheme: "bearer", description: "a key from your account" },
        },
      },
      tags: Object.entries(groups).map(([name, description]) => ({ name, description })),
    },
    transform: jsonSchemaTransform,
  });
  app.after(() => {
    for (const row of routes) app.route({ method: row.method, url: row.url, schema: schemaOf(row), handler: async () => null });
  });
  await app.ready();
  const document = app.swagger() as Document;
  for (const row of routes) addExample(document, row);
  await app.close();
  return JSON.stringify(document);
}

const intro = `What the pages of this space can do, a program can too. Sign in, or send a key of your account as \`Authorization: Bearer …\`.

Errors are problem+json (RFC 9457): a stable \`code\`, what happened, where, and how to mend it. Lists come in pages: \`limit\` and \`cursor\`, answered with \`items\` and \`next\`. Commands need an \`Idempotency-Key\`: the same key never does it twice. \`If-Match\` with a version of \`/api/versions\` makes a command fail with 412 when somebody else was faster. Whose page you open may read why: \`X-Reason\`. The live stream goes on where it was with \`Last-Event-ID\`. Times are UTC milliseconds, power is in watts, energy in watt-hours.`;

type Operation = { requestBody?: { content: Record<string, { example?: unknown; schema?: unknown }> } };
type Document = { paths: Record<string, Record<string, Operation>> };

function schemaOf(row: Route): object {
  const isCommand = row.url.startsWith("/api/commands/");
  const problem = {
    description: "problem+json: what happened, where, and how to mend it",
    content: { "application/problem+json": { schema: problemShape } },
  };
  const rights = row.access === "everyone" || row.access === "newcomer" ? row.access : `${row.access} and above`;
  const headers = {
    ...(row.once ? { "idempotency-key": z.string().regex(/^[A-Za-z0-9_-]{8,64}$/) } : {}),
    ...(row.sees === undefined ? {} : { "x-reason": z.string().max(480) }),
    ...(isCommand ? { "if-match": z.string().max(20).optional() } : {}),
  };
  return {
    summary: row.note,
    description: `For: ${rights}. Keys for programs: ${row.keys === "never" ? "no" : `scope ${row.keys}`}.`,
    tags: [isCommand ? "commands" : (row.url.split("/")[2] ?? "space")],
    security: row.access === "everyone" || row.access === "newcomer" ? [] : [{ page: [] }, ...(row.keys === "never" ? [] : [{ key: [] }])],
    ...(Object.keys(headers).length === 0 ? {} : { headers: z.object(headers) }),
    ...(row.params === undefined ? {} : { params: row.params }),
    ...(row.query === undefined ? {} : { querystring: row.query }),
    ...(row.body === undefined ? {} : { body: row.body }),
    response: { 200: row.answer ?? z.unknown().describe("as the note says"), "4xx": problem },
  };
}

const problemShape = z.object({
  type: z.literal("about:blank"),
  status: z.number(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  where: z.string().nullable(),
  fix: z.string(),
});

function addExample(document: Document, row: Route): void {
  const operation = document.paths[row.url.replaceAll(/:(\w+)/g, "{$1}")]?.[row.method.toLowerCase()];
  const content = operation?.requestBody?.content["application/json"];
  const example = row.body === undefined ? undefined : exampleOf(row.body);
  if (content !== undefined && example !== undefined) content.example = example;
}
