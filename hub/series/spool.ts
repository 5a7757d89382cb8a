/**
 * A bounded queue of batches on disk, oldest first: what InfluxDB could not take yet. One file per batch group; a kill leaves
 * at most one cut line at the end of the newest file, which is skipped. When it is full the oldest file goes, and is counted.
 */
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Points as they wait: machine, atMs, then power and counter, or a status, or the fields of a minute or an hour. */
export type Point =
  | readonly [machine: string, atMs: number, powerW: number | null, energyWh: number | null]
  | readonly [machine: string, atMs: number, status: string]
  | RollupPoint;
type RollupPoint = readonly [machine: string, atMs: number, of: "minute" | "hour", values: readonly (number | null)[]];
export const isRollup = (point: Point): point is RollupPoint => Array.isArray(point[3]);

const fileBytes = 1_000_000;
/** `isClosed`: takes no more points, because it is being sent or may end in a cut line. */
type File = { readonly number: number; bytes: number; points: number; isClosed: boolean };

export class Spool {
  private readonly dir: string;
  private readonly maxBytes: number;
  private files: File[] = [];
  private next = 1;
  /** points given up because the spool was full, ever */
  droppedPoints = 0;

  private constructor(dir: string, maxBytes: number) {
    this.dir = dir;
    this.maxBytes = maxBytes;
  }

  static async open(dir: string, maxBytes: number): Promise<Spool> {
    const spool = new Spool(dir, maxBytes);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    for (const name of (await readdir(dir)).sort()) {
      const number = /^(\d{12})\.jsonl$/.exec(name)?.[1];
      if (number === undefined) continue;
      const { size } = await stat(join(dir, name));
      spool.files.push({ number: Number(number), bytes: size, points: (await spool.read(Number(number))).length, isClosed: true });
    }
    spool.next = (spool.files.at(-1)?.number ?? 0) + 1;
    spool.droppedPoints = await spool.readDropped();
    return spool;
  }

  get points(): number {
    return this.files.reduce((sum, file) => sum + file.points, 0);
  }

  get isEmpty(): boolean {
    return this.files.length === 0;
  }

  /** Appends durably. */
  async push(points: readonly Point[]): Promise<void> {
    if (points.length === 0) return;
    const text = Buffer.from(`${points.map((point) => JSON.stringify(point)).join("\n")}\n`);
    let file = this.files.at(-1);
    if (file === undefined || file.isClosed || (file.bytes > 0 && file.bytes + text.length > fileBytes)) {
      file = { number: this.next++, bytes: 0, points: 0, isClosed: false };
      this.files.push(file);
    }
    // Until it is known to be whole it may end in a cut line, and nothing must be written behind that.
    file.isClosed = true;
    const handle = await open(this.path(file.number), "a", 0o600);
    try {
      await handle.writeFile(text);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    file.isClosed = false;
    file.bytes += text.length;
    file.points += points.length;
    await this.shrink();
  }

  /** The oldest batch, or undefined. It stays until `shift` says that it has arrived. */
  async peek(): Promise<readonly Point[] | undefined> {
    const first = this.files[0];
    if (first === undefined) return undefined;
    // What is being sent takes no more points: otherwise `shift` would drop some that were never sent.
    first.isClosed = true;
    return this.read(first.number);
  }

  async shift(): Promise<void> {
    const first = this.files.shift();
    if (first !== undefined) await rm(this.path(first.number), { force: true });
  }

  private async shrink(): Promise<void> {
    while (this.files.length > 1 && this.files.reduce((sum, file) => sum + file.bytes, 0) > this.maxBytes) {
      this.droppedPoints += this.files[0]?.points ?? 0;
      await this.shift();
      await writeFile(join(this.dir, "dropped"), String(this.droppedPoints));
    }
  }

  private path(number: number): string {
    return join(this.dir, `${String(number).padStart(12, "0")}.jsonl`);
  }

  private async read(number: number): Promise<Point[]> {
    const points: Point[] = [];
    for (const line of (await readOrEmpty(this.path(number))).split("\n")) {
      const point = pointOf(line);
      if (point !== undefined) points.push(point);
    }
    return points;
  }

  private async readDropped(): Promise<number> {
    const text = await readOrEmpty(join(this.dir, "dropped"));
    return Number.isSafeInteger(Number(text)) ? Number(text) : 0;
  }
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/** A line of the spool, or undefined for the cut one after a kill. */
function pointOf(line: string): Point | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number" && value.length >= 3
      ? (value as unknown as Point)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
