/**
 * One SQLite file with the settings a ledger needs, and typed rows out of plain SQL. Tables are STRICT, so what a query
 * declares is what the file holds; this is the one place where rows get their types.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { sqliteCode, sqliteCodes } from "../errors.ts";

export type Value = string | number | bigint | null | Uint8Array;

export class Database {
  readonly raw: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  constructor(path: string, options: { readonly readOnly?: boolean; readonly busyMs?: number } = {}) {
    this.raw = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: options.busyMs ?? 5000 });
  }

  /** A statement, prepared once per text. */
  prepare(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const made = this.raw.prepare(sql);
    if (this.statements.size < 500) this.statements.set(sql, made);
    return made;
  }

  all<Row>(sql: string, ...values: readonly SQLInputValue[]): Row[] {
    return this.prepare(sql).all(...values) as Row[];
  }

  one<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined;
  }

  /** Rows changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  /** Inserts and gives the new row's number. */
  insert(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...values).lastInsertRowid);
  }

  exec(sql: string): void {
    this.raw.exec(sql);
  }

  /** Runs `work` in one IMMEDIATE transaction: all of it or nothing. */
  transaction<Result>(work: () => Result): Result {
    this.prepare("BEGIN IMMEDIATE").run();
    try {
      const result = work();
      this.prepare("COMMIT").run();
      return result;
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  /** SQLite itself ends the transaction on some failures (full disk); then there is nothing left to undo. */
  rollBack(): void {
    if (!this.raw.isTransaction) return;
    try {
      this.exec("ROLLBACK");
    } catch (error) {
      if (this.raw.isTransaction) throw error;
    }
  }

  close(): void {
    this.statements.clear();
    if (this.raw.isOpen) this.raw.close();
  }
}

/** True for failures of the medium, after which the same work may succeed later. */
export function isDiskFailure(error: unknown): boolean {
  const code = sqliteCode(error);
  return (
    code === sqliteCodes.full ||
    code === sqliteCodes.ioError ||
    code === sqliteCodes.busy ||
    code === sqliteCodes.cannotOpen ||
    code === sqliteCodes.readOnly
  );
}
