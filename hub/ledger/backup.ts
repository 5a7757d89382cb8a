/**
 * Backups of a site while it runs: the database copied online, its keys and further files, compressed and encrypted in one
 * archive. Restoring makes a new epoch, or every node would refuse the older versions for ever (domain.md S38).
 *
 *   "KPB1" │ salt 16 │ nonce 12 │ AES-256-GCM of gzip( header line │ files ) │ tag 16
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { backup as copyOnline } from "node:sqlite";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import * as z from "zod";
import { HubError } from "../errors.ts";
import { appendAudit } from "./audit.ts";
import { Database } from "./database.ts";
import { writeDurably } from "./keys.ts";
import { ledgerPath } from "./ledger.ts";
import { numberMeta, setMeta } from "./meta.ts";
import { migrate } from "./migrations.ts";
import { Refused } from "./refuse.ts";

const magic = Buffer.from("KPB1");
const headBytes = magic.length + 16 + 12;
const tagBytes = 16;
const fileName = z
  .string()
  .regex(/^[\w.-]+(\/[\w.-]+)*$/)
  .refine((name) => !name.split("/").includes(".."), "a path inside the data folder");
const header = z.object({
  version: z.literal(1),
  madeMs: z.int(),
  site: z.string(),
  files: z.array(z.object({ name: fileName, bytes: z.int().min(0) })).max(10_000),
});
type Header = z.infer<typeof header>;

export type BackupRequest = {
  readonly dir: string;
  /** the archive to write; replaced only when the new one is complete */
  readonly to: string;
  readonly passphrase: string;
  readonly nowMs: number;
  /** files and folders of the data folder beside ledger and keys, such as "ca" or "series.sqlite" */
  readonly also?: readonly string[];
};
export type BackupResult = { readonly bytes: number; readonly events: number; readonly members: number };

/** Writes an archive. The hub may be running and busy. @throws HubError BAD_INPUT, BACKUP_BAD */
export async function makeBackup(request: BackupRequest): Promise<BackupResult> {
  checkPassphrase(request.passphrase);
  const work = await mkdtemp(join(request.dir, ".backup-"));
  try {
    const copies = new Map([["ledger.sqlite", join(work, "ledger.sqlite")]]);
    await copyDatabase(ledgerPath(request.dir), join(work, "ledger.sqlite"));
    for (const path of ["keys", ...(request.also ?? [])]) await collect(request.dir, work, path, copies);
    const counts = countsOf(join(work, "ledger.sqlite"));
    const files = await Promise.all([...copies].map(async ([name, path]) => ({ name, bytes: (await stat(path)).size })));
    await writeArchive(request, { version: 1, madeMs: request.nowMs, site: counts.site, files }, copies);
    return { bytes: (await stat(request.to)).size, events: counts.events, members: counts.members };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function checkPassphrase(passphrase: string): void {
  if (passphrase.length < 10) throw new Refused("BAD_INPUT", "The passphrase is too short.", "Use at least 10 characters, or a key file.");
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const db = new Database(from, { readOnly: true });
  try {
    await copyOnline(db.raw, to, { rate: 500 });
  } finally {
    db.close();
  }
}

/** Adds a file, or all files of a folder. Databases are copied online, the rest is read as it is. */
async function collect(dir: string, work: string, path: string, copies: Map<string, string>): Promise<void> {
  const whole = join(dir, path);
  const found = await stat(whole).catch(() => undefined); // what does not exist needs no backup
  if (found === undefined) return;
  if (found.isDirectory()) {
    for (const name of await readdir(whole)) await collect(dir, work, join(path, name), copies);
    return;
  }
  const name = path.split(sep).join("/");
  if (!path.endsWith(".sqlite")) {
    copies.set(name, whole);
    return;
  }
  const copy = join(work, name.replaceAll("/", "_"));
  await copyDatabase(whole, copy);
  copies.set(name, copy);
}

function countsOf(path: string): { readonly site: string; readonly events: number; readonly members: number } {
  const db = new Database(path);
  try {
    const count = (table: "events" | "members"): number => db.one<{ c: number }>(`SELECT count(*) AS c FROM ${table}`)?.c ?? 0;
    const site = db.one<{ value: string }>("SELECT value FROM meta WHERE key = 'site'")?.value ?? "";
    return { site, events: count("events"), members: count("members") };
  } finally {
    db.close();
  }
}

async function writeArchive(request: BackupRequest, head: Header, copies: ReadonlyMap<string, string>): Promise<void> {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", await keyOf(request.passphrase, salt), nonce);
  const unfinished = `${request.to}.new`;
  await mkdir(dirname(request.to), { recursive: true });
  const out = createWriteStream(unfinished, { mode: 0o600, flush: true });
  out.write(Buffer.concat([magic, salt, nonce]));
  async function* plain(): AsyncGenerator<Buffer> {
    yield Buffer.from(`${JSON.stringify(head)}\n`);
    for (const { name } of head.files) yield* createReadStream(copies.get(name) ?? "") as AsyncIterable<Buffer>;
  }
  async function* tagged(encrypted: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield* encrypted;
    yield cipher.getAuthTag();
  }
  await pipeline(Readable.from(plain()), createGzip(), cipher, tagged, out);
  await rename(unfinished, request.to);
}

const keyOf = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), salt, 32, { N: 32_768, r: 8, p: 1, maxmem: 64_000_000 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });

export type RestoreRequest = { readonly from: string; readonly dir: string; readonly passphrase: string; readonly nowMs: number };

/**
 * Unpacks an archive into an empty data folder and begins a new epoch. Nothing is put in place before the whole archive has
 * proved genuine. @throws HubError BACKUP_BAD, CONFLICT
 */
export async function restoreBackup(
  request: RestoreRequest,
): Promise<BackupResult & { readonly site: string; readonly epoch: number; readonly madeMs: number }> {
  await mkdir(request.dir, { recursive: true, mode: 0o700 });
  if ((await readdir(request.dir)).length > 0) {
    throw new Refused("CONFLICT", `The folder ${request.dir} is not empty.`, "Restore into an empty folder; move the old one away first.");
  }
  const work = await mkdtemp(join(request.dir, ".restore-"));
  try {
    const plain = join(work, "archive");
    await decrypt(request, plain);
    const head = await unpack(plain, join(work, "files"));
    await rm(plain);
    const epoch = beginEpoch(join(work, "files", "ledger.sqlite"), request.nowMs, "restoreBackup");
    const counts = countsOf(join(work, "files", "ledger.sqlite"));
    for (const name of await readdir(join(work, "files"))) await rename(join(work, "files", name), join(request.dir, name));
    return { ...counts, bytes: (await stat(request.from)).size, epoch, madeMs: head.madeMs };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function decrypt(request: RestoreRequest, to: string): Promise<void> {
  const bad = (detail: string, cause?: unknown): HubError => new HubError("BACKUP_BAD", `${request.from}: ${detail}`, cause);
  const size = (await stat(request.from).catch((error: unknown) => Promise.reject(bad("it cannot be read", error)))).size;
  if (size < headBytes + tagBytes) throw bad("it is too short");
  const file = await open(request.from);
  try {
    const head = (await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)).buffer;
    if (!head.subarray(0, 4).equals(magic)) throw bad("it is no backup of Koprade");
    const tag = (await file.read(Buffer.alloc(tagBytes), 0, tagBytes, size - tagBytes)).buffer;
    const decipher = createDecipheriv("aes-256-gcm", await keyOf(request.passphrase, head.subarray(4, 20)), head.subarray(20, headBytes));
    decipher.setAuthTag(tag);
    const encrypted = createReadStream(request.from, { start: headBytes, end: size - tagBytes - 1 });
    await pipeline(encrypted, decipher, createWriteStream(to, { mode: 0o600 }));
  } catch (error) {
    throw error instanceof HubError ? error : bad("wrong passphrase, or the file is damaged", error);
  } finally {
    await file.close();
  }
}

/** Header line and files out of the decrypted, still compressed archive. */
async function unpack(archive: string, to: string): Promise<Header> {
  const stream = createReadStream(archive).pipe(createGunzip());
  const reader = new Chunks(stream);
  const parsed = header.safeParse(JSON.parse((await reader.line(1_000_000)).toString("utf8")));
  if (!parsed.success) throw new HubError("BACKUP_BAD", "its table of contents is damaged");
  for (const { name, bytes } of parsed.data.files) {
    const path = resolve(to, name);
    if (relative(to, path).startsWith("..")) throw new HubError("BACKUP_BAD", "it names a file outside the data folder");
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(Readable.from(reader.take(bytes)), createWriteStream(path, { mode: 0o600, flush: true }));
    await chmod(path, 0o600);
  }
  return parsed.data;
}

/** Cuts a stream of buffers where the contents say. */
class Chunks {
  private readonly source: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  private async more(): Promise<boolean> {
    const next = await this.source.next();
    if (next.done === true) return false;
    this.rest = this.rest.length === 0 ? next.value : Buffer.concat([this.rest, next.value]);
    return true;
  }

  async line(limit: number): Promise<Buffer> {
    for (;;) {
      const end = this.rest.indexOf(10);
      if (end >= 0) {
        const line = this.rest.subarray(0, end);
        this.rest = this.rest.subarray(end + 1);
        return line;
      }
      if (this.rest.length > limit || !(await this.more())) throw new HubError("BACKUP_BAD", "its table of contents is damaged");
    }
  }

  async *take(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0; ) {
      if (this.rest.length === 0 && !(await this.more())) throw new HubError("BACKUP_BAD", "it ends too early");
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}

/**
 * A later epoch than any this site has had, also when the same backup is restored twice: seconds since 1970. Versions of
 * restrictions and configurations have no epoch of their own, so the permissions' version jumps as well.
 */
function beginEpoch(path: string, nowMs: number, action: "restoreBackup" | "raiseEpoch"): number {
  const db = new Database(path);
  try {
    migrate(db);
    return db.transaction(() => {
      const seconds = Math.floor(nowMs / 1000);
      const epoch = Math.max(numberMeta(db, "epoch", 1) + 1, seconds);
      setMeta(db, "epoch", epoch);
      setMeta(db, "permission_version", Math.max(numberMeta(db, "permission_version") + 1, seconds));
      db.run("DELETE FROM published WHERE what <> 'snapshot'");
      appendAudit(db, { atMs: nowMs, actor: "restore", action, target: `epoch ${epoch}`, detail: "{}" });
      return epoch;
    });
  } finally {
    db.close();
  }
}

/**
 * Begins a new epoch in a data folder that was put back by hand, so that nodes take its permissions again; gives the epoch. No
 * hub may be running on it. @throws HubError LEDGER_NEWER, or SQLite's own error for a damaged file
 */
export const raiseEpoch = (dir: string, nowMs: number): number => beginEpoch(ledgerPath(dir), nowMs, "raiseEpoch");

/** A passphrase out of a key file: its whole text. */
export async function passphraseFrom(path: string): Promise<string> {
  return (await readFile(path, "utf8")).trim();
}

/** Makes a key file of mode 600 with 32 random bytes. */
export function makeKeyFile(path: string): void {
  writeDurably(path, `${randomBytes(32).toString("base64url")}\n`);
}
