/** The API's own description, to read and to try, without a file from elsewhere: the viewer is Swagger UI out of its package. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FastifyReply } from "fastify";
import * as z from "zod";
import { notFound } from "./problem.ts";
import { type Route, route } from "./route.ts";

const files: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
};
/** Both with no script and no style inside the page, as the policy wants it. */
const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Koprade API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/begin.js"></script></body></html>`;
const begin = `SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#api", deepLinking: true, docExpansion: "none", defaultModelsExpandDepth: -1, validatorUrl: null });`;

/** @param routes  all of them, asked for when the description is made */
export function docsRoutes(routes: () => readonly Route[]): readonly Route[] {
  let described: Promise<string> | undefined;
  const keep = "public, max-age=3600";
  return [
    route({
      method: "GET",
      url: "/api/openapi.json",
      access: "everyone",
      note: "This description, as OpenAPI 3.1.",
      handle: async ({ reply }) => {
        described ??= import("./openapi.ts").then(({ describeApi }) => describeApi(routes(), "1"));
        described.catch(() => {
          described = undefined;
        });
        const text = await described;
        return send(reply, "application/json", "no-cache", text);
      },
    }),
    route({
      method: "GET",
      url: "/api/docs",
      access: "everyone",
      note: "This description, as pages.",
      handle: async ({ reply }) => send(reply, "text/html; charset=utf-8", "no-cache", page),
    }),
    route({
      method: "GET",
      url: "/api/docs/:file",
      access: "everyone",
      note: "The viewer's own files.",
      params: z.object({ file: z.string().max(40) }),
      handle: async ({ params, reply }) => {
        if (params.file === "begin.js") return send(reply, "text/javascript; charset=utf-8", keep, begin);
        const type = Object.hasOwn(files, params.file) ? files[params.file] : undefined;
        if (type === undefined) throw notFound("such file");
        const folder = dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui/package.json"));
        return send(reply, type, keep, await readFile(join(folder, "static", params.file)));
      },
    }),
  ];
}

function send<C extends string | Buffer>(reply: FastifyReply, type: string, cache: string, content: C): C {
  void reply.type(type).header("cache-control", cache);
  return content;
}
