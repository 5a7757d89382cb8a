/** Opens the ledger of one site: file, keys, writer thread, compiled permissions; and closes them in reverse. */
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { hubDefaults, registerWith } from "#core";
import { HubError, sqliteCode, sqliteCodes } from "../errors.ts";
import { type CommandRequest, commandNames, parseInput } from "./commands.ts";
import { Database } from "./database.ts";
import { ackUpTo, bootsOf } from "./events.ts";
import type { CommandName, ResultOf } from "./inputs.ts";
import { loadKeys, makeKeys, type SiteKeys, sameHash, secretHash } from "./keys.ts";
import { getMeta, readSite, setMeta } from "./meta.ts";
import { migrate, prepareWriter } from "./migrations.ts";
import { CompiledPermissions } from "./permissions.ts";
import { exportProjections } from "./projections.ts";
import { makeReads } from "./reads.ts";
import { plainError, thrown } from "./refuse.ts";
import type { Actor, ChangeOptions, Changes, Ledger, LedgerChange, LedgerConfig, LedgerPorts } from "./types.ts";
import { LedgerWriter } from "./writer.ts";

export const ledgerPath = (dir: string): string => join(dir, "ledger.sqlite");
/** How often the hub looks for changes made by another process (the CLI) and for snapshots to issue again. */
const watchMs = 250;
const reissueCheckMs = 60_000;

/** Rejects with HubError: LEDGER_NEWER, LEDGER_UNREADABLE, KEYS_UNREADABLE, DATA_FOLDER. */
export async function openLedger(config: LedgerConfig, ports: LedgerPorts): Promise<Ledger> {
  const keys = prepareSite(config);
  const db = new Database(ledgerPath(config.dir), { readOnly: true });
  db.exec("PRAGMA cache_size = -2000");
  const open = new OpenLedger(config, ports, db, keys);
  try {
    await open.start();
  } catch (error) {
    await open.close();
    throw error;
  }
  return open;
}

/** Makes or checks file and keys; afterwards both are there and belong together. */
function prepareSite(config: LedgerConfig): SiteKeys {
  try {
    mkdirSync(config.dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new HubError("DATA_FOLDER", config.dir, error);
  }
  const path = ledgerPath(config.dir);
  const isNew = !existsSync(path);
  if (isNew) makeKeys(config.dir);
  const keys = loadKeys(config.dir);
  try {
    const db = new Database(path);
    try {
      if (isNew) chmodSync(path, 0o600);
      checkFile(db);
      prepareWriter(db);
      migrate(db);
      db.transaction(() => nameSite(db, config, keys));
    } finally {
      db.close();
    }
  } catch (error) {
    throw error instanceof HubError ? error : thrown(plainError(error));
  }
  return keys;
}

/** Says at once when the file is damaged, rather than at the first wrong row. */
function checkFile(db: Database): void {
  try {
    const row = db.raw.prepare("PRAGMA quick_check(1)").get();
    const said = String(Object.values(row ?? {})[0] ?? "ok");
    if (said !== "ok") throw new HubError("LEDGER_UNREADABLE", said);
  } catch (error) {
    const code = sqliteCode(error);
    if (code === sqliteCodes.notADatabase || code === sqliteCodes.corrupt)
      throw new HubError("LEDGER_UNREADABLE", "the file is damaged", error);
    throw error;
  }
}

function nameSite(db: Database, config: LedgerConfig, keys: SiteKeys): void {
  const known = getMeta(db, "keys");
  if (known !== null && known !== keys.fingerprint) throw new HubError("KEYS_UNREADABLE", "these keys belong to another ledger");
  const site = getMeta(db, "site");
  if (site !== null && site !== config.site)
    throw new HubError("CONFLICT", `the data folder belongs to the site "${site}", not "${config.site}"`);
  if (site !== null && config.demo !== undefined && config.demo !== (getMeta(db, "demo") === "yes")) {
    throw new HubError("CONFLICT", config.demo ? "the data folder belongs to a real site" : "the data folder belongs to a demo");
  }
  if (site !== null) return;
  setMeta(db, "site", config.site);
  setMeta(db, "tz", config.tz);
  setMeta(db, "epoch", 1);
  setMeta(db, "keys", keys.fingerprint);
  if (config.demo === true) setMeta(db, "demo", "yes");
}

class OpenLedger implements Ledger {
  readonly keys: SiteKeys;
  readonly change: Changes;
  readonly read: Ledger["read"];
  readonly permissions: CompiledPermissions;
  private readonly db: Database;
  private readonly ports: LedgerPorts;
  private readonly writer: LedgerWriter;
  private readonly isHub: boolean;
  private readonly handlers = new Set<(change: LedgerChange) => void>();
  private readonly stops: (() => void)[] = [];
  private seenVersion = 0;
  /** apart from the permissions' version: a command of this process overtakes what another process has set */
  private seenModeVersion = 0;
  private lastPublishMs = 0;
  /** how long the disk may take */
  private budgetMs: number;
  private isClosed = false;
  private trouble: string | null = null;

  constructor(config: LedgerConfig, ports: LedgerPorts, db: Database, keys: SiteKeys) {
    this.ports = ports;
    this.db = db;
    this.keys = keys;
    this.isHub = config.role !== "tool";
    this.permissions = new CompiledPermissions(db);
    this.read = makeReads(db, () => ports.clock.nowMs());
    this.change = changesOf((request) => this.command(request));
    this.budgetMs = budgetOf(db);
    this.writer = new LedgerWriter(
      { path: ledgerPath(config.dir), dir: config.dir, publishes: this.isHub },
      {
        committed: (events) => this.tell({ kind: "events", events }),
        changed: () => this.noteChange(),
        snapshot: (snapshot) => this.permissions.put(snapshot),
        published: (version, nodes) => this.tell({ kind: "permissions", version, nodes }),
        died: (error) => this.onDeath(error),
      },
      () => this.budgetMs,
    );
  }

  /** Compiles the permissions once; the hub answers nobody before that. */
  async start(): Promise<void> {
    const { permissionVersion, modeVersion } = readSite(this.db);
    this.seenVersion = permissionVersion;
    this.seenModeVersion = modeVersion;
    if (!this.isHub) return;
    await this.publish(true);
    this.stops.push(this.ports.clock.every("ledger.watch", watchMs, () => this.watch()));
  }

  async append(node: string, events: Parameters<Ledger["append"]>[1]): ReturnType<Ledger["append"]> {
    return this.noting(this.writer.append(node, events, this.ports.clock.nowMs()));
  }

  async quarantine(node: string, path: string, bytes: Uint8Array, reason: string): Promise<void> {
    return this.noting(this.writer.quarantine(node, path, bytes, reason, this.ports.clock.nowMs()));
  }

  async noteDelivery(outcome: Parameters<Ledger["noteDelivery"]>[0]): Promise<void> {
    return this.noting(this.writer.delivery(outcome, this.ports.clock.nowMs()));
  }

  async noteNotices(notices: Parameters<Ledger["noteNotices"]>[0]): Promise<void> {
    if (notices.length > 0) await this.noting(this.writer.notices(notices, this.ports.clock.nowMs()));
  }

  async noteTold(given: Parameters<Ledger["noteTold"]>[0]): Promise<void> {
    return this.noting(this.writer.told(given, this.ports.clock.nowMs()));
  }

  async noteAct(act: Parameters<Ledger["noteAct"]>[0]): Promise<void> {
    return this.noting(this.writer.act(act, this.ports.clock.nowMs()));
  }

  async noteLookUp(lookUp: Parameters<Ledger["noteLookUp"]>[0]): Promise<void> {
    return this.noting(this.writer.lookUp(lookUp, this.ports.clock.nowMs()));
  }

  ackUpTo(node: string, boot: string): number {
    return ackUpTo(this.db, node, boot);
  }

  bootsOf(node: string): ReturnType<Ledger["bootsOf"]> {
    return bootsOf(this.db, node);
  }

  nodeSecretMatches(node: string, secret: string): boolean {
    const row = this.db.one<{ hash: Uint8Array; status: string }>("SELECT secret_hash AS hash, status FROM nodes WHERE node = ?", node);
    const isOwn = row !== undefined && sameHash(row.hash, secretHash(secret));
    return row?.status === "active" && (isOwn || this.isNextSecret(node, secret));
  }

  isNextSecret(node: string, secret: string): boolean {
    const row = this.db.one<{ hash: Uint8Array | null }>("SELECT next_hash AS hash FROM nodes WHERE node = ? AND status = 'active'", node);
    return row !== undefined && row.hash !== null && sameHash(row.hash, secretHash(secret));
  }

  onChange(handle: (change: LedgerChange) => void): () => void {
    this.handlers.add(handle);
    return () => this.handlers.delete(handle);
  }

  health(): ReturnType<Ledger["health"]> {
    const { waiting, oldestMs } = this.writer.health(performance.now());
    const isStalled = oldestMs >= this.budgetMs;
    const ok = this.trouble === null && !isStalled && !this.isClosed;
    const sentence =
      this.trouble ?? (isStalled ? `The disk has not taken a write for ${Math.round(oldestMs / 1000)} s.` : "The ledger takes writes.");
    return { ok, waiting, oldestMs: Math.round(oldestMs), sentence };
  }

  async rebuild(): ReturnType<Ledger["rebuild"]> {
    return this.writer.rebuild();
  }

  exportProjections(): string {
    return exportProjections(this.db);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const stop of this.stops) stop();
    this.handlers.clear();
    // The reader goes first: the last connection to close writes the log back into the file, and a reader cannot.
    this.db.close();
    await this.writer.close();
  }

  private async command<C extends CommandName>(request: CommandRequest<C>): Promise<ResultOf<C>> {
    parseInput(request.name, request.input);
    const result = await this.noting(this.writer.command(request, this.ports.clock.nowMs()));
    this.seenVersion = Math.max(this.seenVersion, readSite(this.db).permissionVersion);
    this.noteChange();
    this.tellMode();
    return result;
  }

  private noteChange(): void {
    this.permissions.changed();
    this.budgetMs = budgetOf(this.db);
    this.tell({ kind: "recorded" });
  }

  /** Once for each mode, whoever set it. */
  private tellMode(): void {
    const { mode, modeVersion } = readSite(this.db);
    if (modeVersion === this.seenModeVersion) return;
    this.seenModeVersion = modeVersion;
    this.tell({ kind: "mode", mode, version: modeVersion });
  }

  /** Says once that the disk has gone bad, and once that it is good again. */
  private async noting<Result>(work: Promise<Result>): Promise<Result> {
    try {
      const result = await work;
      if (this.trouble !== null) this.ports.log.info({}, "The ledger takes writes again.");
      this.trouble = null;
      return result;
    } catch (error) {
      if (error instanceof HubError && isTrouble.has(error.code)) {
        if (this.trouble === null) this.ports.log.error({ code: error.code }, error.message);
        this.trouble = error.message;
      }
      throw error;
    }
  }

  private async publish(isAwaited: boolean): Promise<void> {
    this.lastPublishMs = this.ports.clock.nowMs();
    await this.writer.publish(this.lastPublishMs, isAwaited);
  }

  /** Another process may have changed permissions; and what is old must be issued again. */
  private watch(): void {
    const { permissionVersion } = readSite(this.db);
    this.tellMode();
    const isNew = permissionVersion !== this.seenVersion;
    if (!isNew && this.ports.clock.nowMs() - this.lastPublishMs < reissueCheckMs) return;
    if (isNew) this.noteChange();
    this.seenVersion = permissionVersion;
    this.publish(false).catch((error: unknown) =>
      this.ports.log.warn({ error: String(error) }, "Permissions could not be compiled; trying again."),
    );
  }

  private tell(change: LedgerChange): void {
    for (const handle of this.handlers) handle(change);
  }

  private onDeath(error: Error): void {
    if (this.isClosed) return;
    this.trouble = `The ledger's thread has ended: ${error.message}`;
    this.ports.log.error({ error: error.message }, this.trouble);
  }
}

const isTrouble: ReadonlySet<string> = new Set(["LEDGER_STALLED", "LEDGER_UNREADABLE", "DISK_FULL"]);

/** One function per command. Each name is a key of the inputs, so the table is complete by construction. */
function changesOf(run: (request: CommandRequest) => Promise<unknown>): Changes {
  const table = commandNames.map((name) => [
    name,
    (input: never, actor: Actor, options: ChangeOptions = {}) => run({ name, input, actor, ...options }),
  ]);
  return Object.fromEntries(table) as Changes;
}

const budgetOf = (db: Database): number => registerWith(hubDefaults, readSite(db).settings).persistBudgetMs;
