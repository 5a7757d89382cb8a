/**
 * The built dashboards. A dozen files, known by name at the start: nothing else on the disk can be asked for. Hashed names are
 * kept by browsers for ever; `index.html` gets a fresh nonce in every answer.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import * as z from "zod";
import { contentSecurityPolicy } from "./guards.ts";

/** While nothing is built: where a person would begin. */
const unbuiltUrls = ["/", "/now", "/login", "/first-run"];
const nonceMark = "__NONCE__";

const mediaTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** @param staticDir  what `vite build` made; without it, a page says how to make it */
export function addPages(app: FastifyInstance, staticDir: string): void {
  const built = existsSync(join(staticDir, "index.html"));
  for (const [url, file] of built ? pageList(staticDir) : unbuiltUrls.map((one) => [one, ""] as const)) {
    const index = built ? readFileSync(join(staticDir, file), "utf8") : unbuilt;
    app.get(url, { config: { access: "everyone" } }, async (_request, reply) => {
      const nonce = randomBytes(16).toString("base64");
      void reply
        .header("content-security-policy", contentSecurityPolicy(nonce))
        .header("cache-control", "no-store")
        .type("text/html; charset=utf-8");
      return index.replaceAll(nonceMark, nonce);
    });
  }
  if (built) for (const path of filesIn(staticDir)) addFile(app, path, `/${relative(staticDir, path).split(sep).join("/")}`);
}

/** Addresses the pages understand and the file that starts them, as the build wrote them down; everything else is a 404. */
function pageList(staticDir: string): [string, string][] {
  const list: unknown = JSON.parse(readFileSync(join(staticDir, "pages.json"), "utf8"));
  return Object.entries(z.record(z.string().startsWith("/"), z.enum(["index.html", "wall.html", "kiosk.html"])).parse(list));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && mediaTypes[extname(entry.name)] !== undefined)
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Reads and compresses a file when it is first asked for, then keeps it. */
function addFile(app: FastifyInstance, path: string, url: string): void {
  let kept: { readonly plain: Buffer; readonly gzip: Buffer } | undefined;
  const mediaType = mediaTypes[extname(path)] ?? "application/octet-stream";
  const keep = url.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600";
  app.get(url, { config: { access: "everyone" } }, async (request, reply) => {
    if (kept === undefined) {
      const plain = readFileSync(path);
      kept = { plain, gzip: gzipSync(plain) };
    }
    void reply.header("cache-control", keep).header("vary", "accept-encoding").type(mediaType);
    if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) return kept.plain;
    void reply.header("content-encoding", "gzip");
    return kept.gzip;
  });
}

const unbuilt = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Koprade</title></head>
<body><h1>The pages are not built yet</h1><p>Stop koprade, run <code>npm run build</code>, and start it again. The hub itself works.</p></body></html>`;
