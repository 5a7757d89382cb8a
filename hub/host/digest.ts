/**
 * The answer to an HTTP digest challenge (RFC 7616; without `qop` as RFC 2617 §3.2.2.1 keeps it for old servers, which PrusaLink is one
 * of). The password never travels, only a hash of it with the server's own number.
 */
import { createHash } from "node:crypto";

export type Challenge = {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  /** the server wants the request counted */
  readonly qop: boolean;
  readonly algorithm: "MD5" | "SHA-256";
};

const partsMax = 20;

/** Undefined when the header asks for something else than a digest that we can make. */
export function readChallenge(header: string | null): Challenge | undefined {
  const start = header === null ? -1 : header.search(/\bDigest\s/i);
  if (header === null || start === -1 || header.length > 2000) return undefined;
  const found = [...header.slice(start + 7).matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/g)].slice(0, partsMax);
  const parts = new Map(found.map(([, name = "", quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ""]));
  const { realm, nonce } = { realm: parts.get("realm"), nonce: parts.get("nonce") };
  const algorithm = (parts.get("algorithm") ?? "MD5").toUpperCase();
  if (realm === undefined || nonce === undefined || nonce === "") return undefined;
  if (algorithm !== "MD5" && algorithm !== "SHA-256") return undefined;
  const qops = parts
    .get("qop")
    ?.split(",")
    .map((word) => word.trim());
  if (qops !== undefined && !qops.includes("auth")) return undefined;
  return { realm, nonce, opaque: parts.get("opaque") ?? null, qop: qops !== undefined, algorithm };
}

/** The `Authorization` header of one request. `count`: how often this nonce was answered, from 1. `cnonce`: random, of the client. */
export function digestHeader(
  challenge: Challenge,
  login: { readonly user: string; readonly password: string },
  request: { readonly method: string; readonly path: string },
  once: { readonly count: number; readonly cnonce: string },
): string {
  const { realm, nonce, opaque, qop, algorithm } = challenge;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const nc = once.count.toString(16).padStart(8, "0");
  const who = hash(`${login.user}:${realm}:${login.password}`);
  const what = hash(`${request.method}:${request.path}`);
  const response = hash(qop ? `${who}:${nonce}:${nc}:${once.cnonce}:auth:${what}` : `${who}:${nonce}:${what}`);
  const quoted = { username: login.user, realm, nonce, uri: request.path, response, ...(opaque === null ? {} : { opaque }) };
  const parts = Object.entries(quoted).map(([name, value]) => `${name}="${value.replaceAll('"', "")}"`);
  const counted = qop ? ["qop=auth", `nc=${nc}`, `cnonce="${once.cnonce}"`] : [];
  return `Digest ${[...parts, `algorithm=${algorithm}`, ...counted].join(", ")}`;
}
