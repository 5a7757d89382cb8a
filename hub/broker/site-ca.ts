/**
 * The site's own certificate authority and the broker's certificate, kept in one folder with file mode 600. Made at first
 * start, renewed before expiry and when the hub's names change; a damaged authority is an error and never replaced, since
 * every node trusts it.
 */
import { fork } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HubError, systemCode } from "../errors.ts";
import { type IssueAnswer, type Issued, type IssueJob, issueAnswer } from "./issue-job.ts";

export type SiteTls = {
  /** what nodes must trust */
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly notAfterMs: number;
  /** a new authority or certificate was made by this call */
  readonly made: "nothing" | "certificate" | "authority";
};

export type SiteTlsRequest = {
  readonly dir: string;
  readonly site: string;
  /** host names and IP addresses nodes may use; loopback is always added */
  readonly names: readonly string[];
  readonly nowMs: number;
};

const dayMs = 86_400_000;
const serverDays = 397;
const authorityDays = 7300;
export const renewWithinMs = 30 * dayMs;
/** A Pi without a battery clock may start decades early: certificates begin here and never end before the software's own time. */
const notBeforeMs = Date.UTC(2025, 0, 1);
const softwareTimeMs = Date.UTC(2026, 10, 1);
const namesMax = 60;
const dnsName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const issueLimitMs = 20_000;

/** Loads the site's certificates and makes what is missing or due. Throws `HubError` when the authority is damaged. */
export async function loadSiteTls(request: SiteTlsRequest): Promise<SiteTls> {
  const { dir, site } = request;
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new HubError("DATA_FOLDER", dir, cause);
  });
  const nowMs = Math.max(request.nowMs, softwareTimeMs);
  const authority = await readPair(dir, "ca");
  if (authority !== undefined) checkAuthority(authority, dir);
  const names = wantedNames(request.names);
  const server = await readPair(dir, "server");
  if (authority !== undefined && server !== undefined && isGood(server, authority, names, nowMs)) {
    return told(authority, server, "nothing");
  }
  const notAfterMs = nowMs + serverDays * dayMs;
  const authorityNotAfterMs = nowMs + authorityDays * dayMs;
  const made = await runIssue({ site, names, notBeforeMs, notAfterMs, authorityNotAfterMs, authority: authority ?? null });
  if (authority === undefined) await writePair(dir, "ca", made.authority);
  await writePair(dir, "server", made.server);
  return told(made.authority, made.server, authority === undefined ? "authority" : "certificate");
}

function told(authority: Issued, server: Issued, made: SiteTls["made"]): SiteTls {
  const notAfterMs = new X509Certificate(server.certPem).validToDate.getTime();
  return { caPem: authority.certPem, certPem: server.certPem, keyPem: server.keyPem, notAfterMs, made };
}

/** At most 60, and only what a certificate can carry; a computer with a strange name still gets one for its addresses. */
function wantedNames(given: readonly string[]): string[] {
  const clean = given.map((name) => name.trim().toLowerCase().replace(/\.$/, "")).filter((name) => isIP(name) !== 0 || dnsName.test(name));
  return [...new Set(["localhost", "127.0.0.1", "::1", ...clean])].slice(0, namesMax);
}

function checkAuthority(authority: Issued, dir: string): void {
  try {
    const cert = new X509Certificate(authority.certPem);
    if (cert.ca && cert.checkPrivateKey(createPrivateKey(authority.keyPem))) return;
  } catch (cause) {
    throw new HubError("CA_UNREADABLE", dir, cause);
  }
  throw new HubError("CA_MISMATCH", dir);
}

function isGood(pair: Issued, authority: Issued, names: readonly string[], nowMs: number): boolean {
  try {
    const cert = new X509Certificate(pair.certPem);
    if (!cert.checkPrivateKey(createPrivateKey(pair.keyPem))) return false;
    if (!cert.verify(new X509Certificate(authority.certPem).publicKey)) return false;
    if (cert.validToDate.getTime() - nowMs < renewWithinMs) return false;
    return names.every((name) => (isIP(name) === 0 ? cert.checkHost(name) : cert.checkIP(name)) !== undefined);
  } catch (error) {
    if (error instanceof Error) return false; // unreadable: it is simply made again, the authority vouches for the new one
    throw error;
  }
}

/** Both files, or undefined when neither exists. A half pair of an authority is damage, of a server certificate is nothing. */
async function readPair(dir: string, name: "ca" | "server"): Promise<Issued | undefined> {
  const [certPem, keyPem] = await Promise.all([readText(join(dir, `${name}.crt`)), readText(join(dir, `${name}.key`))]);
  if (certPem !== undefined && keyPem !== undefined) {
    await chmod(join(dir, `${name}.key`), 0o600);
    return { certPem, keyPem };
  }
  if (name === "ca" && certPem !== undefined) throw new HubError("CA_UNREADABLE", join(dir, "ca.key"));
  return undefined;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    throw new HubError("CA_UNREADABLE", path, cause);
  }
}

/** The key first: after a power cut between the two the certificate is missing and the pair is simply made again. */
async function writePair(dir: string, name: string, pair: Issued): Promise<void> {
  try {
    await writeSafely(join(dir, `${name}.key`), pair.keyPem);
    await writeSafely(join(dir, `${name}.crt`), pair.certPem);
    const folder = await open(dir, "r");
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    throw new HubError("DATA_FOLDER", dir, cause);
  }
}

async function writeSafely(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

function runIssue(job: IssueJob): Promise<IssueAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./issue.ts", import.meta.url)), { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
    const fail = (cause?: unknown): void => reject(new HubError("CERTIFICATE_FAILED", said.trim().split("\n").at(-1), cause));
    const limit = setTimeout(() => child.kill("SIGKILL"), issueLimitMs);
    child.once("message", (answer: unknown) => {
      const parsed = issueAnswer.safeParse(answer);
      if (parsed.success) resolve(parsed.data);
      else fail(parsed.error);
    });
    child.once("error", fail);
    child.once("exit", () => {
      clearTimeout(limit);
      fail(); // after an answer this says nothing: a promise settles once
    });
    child.send(job);
  });
}
