/** The built dashboards: hashed files for ever, `index.html` with a fresh nonce for every answer. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { contentSecurityPolicy } from "./guards.ts";

/** Addresses the page itself understands; everything else is a 404. */
const pageUrls = ["/", "/now", "/login", "/first-run", "/reports", "/reports/:month"] as const;
const nonceMark = "__NONCE__";

/** @param staticDir  what `vite build` made; without it, a page says how to make it */
export async function addPages(app: FastifyInstance, staticDir: string): Promise<void> {
  const indexPath = join(staticDir, "index.html");
  const built = existsSync(indexPath);
  const index = built ? readFileSync(indexPath, "utf8") : unbuilt;
  for (const url of pageUrls) {
    app.get(url, { config: { access: "everyone" } }, async (_request, reply) => {
      const nonce = randomBytes(16).toString("base64");
      void reply
        .header("content-security-policy", contentSecurityPolicy(nonce))
        .header("cache-control", "no-store")
        .type("text/html; charset=utf-8");
      return index.replaceAll(nonceMark, nonce);
    });
  }
  if (!built) return;
  await app.register(async (files) => {
    files.addHook("onRoute", (options) => {
      options.config = { ...options.config, access: "everyone" };
    });
    await files.register(fastifyStatic, {
      root: staticDir,
      wildcard: false,
      index: false,
      immutable: true,
      maxAge: "365d",
      globIgnore: ["index.html"],
    });
  });
}

const unbuilt = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Koprade</title></head>
<body><h1>The pages are not built yet</h1><p>Stop koprade, run <code>npm run build</code>, and start it again. The hub itself works.</p></body></html>`;
