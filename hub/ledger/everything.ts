/**
 * Every table of the ledger, row by row, for those who leave and for those who want to look: whatever a space owns it can take along.
 * Secrets stay: they open this house and are of no use in another. What a table is for is said in its migration.
 */
import type { Database } from "./database.ts";

/** Columns that are left out, by table, and why. */
export const withheld: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  members: { pin: "a keyed hash of a few digits can be guessed", duress_pin: "likewise" },
  nodes: {
    secret_hash: "lets a node in",
    next_hash: "lets a node in",
    next_box: "a node's next keys, encrypted to it",
    enrol_key: "a node's key while it is enrolled",
  },
  notice_channels: { push_keys: "encrypts for a browser" },
  offers: { box: "a node's keys, encrypted to it" },
  screens: { token_hash: "opens a wall" },
  webhooks: { secret: "signs what a program is told" },
};

export type TableOut = {
  readonly table: string;
  /** one at a time, so that a log of years needs no memory; blobs as hexadecimal digits */
  rows(): Iterable<Readonly<Record<string, string | number | null>>>;
};

export function everyTable(db: Database): TableOut[] {
  return db
    .all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .map(({ name }) => {
      const columns = db
        .all<{ name: string }>("SELECT name FROM pragma_table_info(?)", name)
        .map((column) => column.name)
        .filter((column) => withheld[name]?.[column] === undefined);
      const sql = `SELECT ${columns.map((column) => `"${column}"`).join(", ")} FROM "${name}"`;
      return { table: name, rows: () => plainRows(db, sql) };
    });
}

function* plainRows(db: Database, sql: string): Iterable<Readonly<Record<string, string | number | null>>> {
  for (const row of db.raw.prepare(sql).iterate())
    yield Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        value instanceof Uint8Array ? Buffer.from(value).toString("hex") : typeof value === "bigint" ? String(value) : value,
      ]),
    );
}
