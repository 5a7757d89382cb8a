/** Three slow migrations in a process of its own, to be killed. Each makes a table and 2,000 rows. */
import { join } from "node:path";
import { Database } from "../../hub/ledger/database.ts";
import { migrate, prepareWriter } from "../../hub/ledger/migrations.ts";

const step = (n: number): string => `CREATE TABLE t${n} (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t${n} SELECT i, hex(randomblob(100)) FROM n;`;

export function migrateThrice(db: Database): void {
  migrate(db, [step(1), step(2), step(3)]);
}

export function stepsOf(db: Database): { readonly version: number; readonly rows: number } {
  const version = Number(db.raw.prepare("PRAGMA user_version").get()?.user_version);
  const tables = db.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'");
  const rows = tables.reduce((sum, { name }) => sum + Number(db.raw.prepare(`SELECT count(*) AS c FROM ${name}`).get()?.c), 0);
  return { version, rows };
}

if (process.argv[1]?.endsWith("migration-child.ts") === true) {
  const db = new Database(join(process.argv[2] ?? "", "ledger.sqlite"));
  process.stdout.write("ready\n");
  prepareWriter(db);
  migrateThrice(db);
  db.close();
  setInterval(() => undefined, 1000);
}
