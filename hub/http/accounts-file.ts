/** The accounts' SQLite file: better-auth's tables come when somebody first signs in, ours are here. Secrets stand in it as hashes only. */
import { createHash, randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { openError } from "../errors.ts";

const ownTables = `
CREATE TABLE IF NOT EXISTS koprade_invitation (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, role TEXT NOT NULL, member INTEGER, name TEXT NOT NULL, account TEXT,
  by TEXT NOT NULL, made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS koprade_key (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, account TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, scope TEXT NOT NULL,
  made_ms INTEGER NOT NULL, expires_ms INTEGER, used_ms INTEGER, revoked_ms INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS koprade_passkey (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, rp TEXT NOT NULL, public_key BLOB NOT NULL, counter INTEGER NOT NULL,
  transports TEXT NOT NULL, name TEXT NOT NULL, made_ms INTEGER NOT NULL, used_ms INTEGER
) STRICT;
`;

/** @throws HubError DATA_FOLDER, ACCOUNTS_UNREADABLE */
export function openFile(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000; PRAGMA secure_delete = FAST;");
    db.exec(ownTables);
    if (path !== ":memory:") chmodSync(path, 0o600);
    return db;
  } catch (error) {
    throw openError(error, path, "ACCOUNTS_UNREADABLE");
  }
}

/** Is there an owner? Asked at every start, also of a file that has no tables yet. */
export function ownerIn(db: DatabaseSync): boolean {
  if (!hasUsers(db)) return false;
  return db.prepare("SELECT 1 FROM user WHERE role = 'owner' LIMIT 1").get() !== undefined;
}

export const hasUsers = (db: DatabaseSync): boolean =>
  db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'user'").get() !== undefined;

/** 256 bits that nobody guesses, so that a plain hash keeps them. */
export const newSecret = (): string => randomBytes(32).toString("base64url");
export const newId = (): string => randomBytes(9).toString("base64url").replaceAll("_", "x").replaceAll("-", "y");
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");
