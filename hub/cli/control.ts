/**
 * How the command line talks to the running hub of a data folder: a Unix socket only its owner may open, one JSON line asked,
 * one JSON line answered. For what only a running hub knows or can do; changes of permissions go through the ledger.
 */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import * as z from "zod";
import { memberRef, slug } from "#contract";
import { HubError, systemCode } from "../errors.ts";

const requestBytesMax = 65_536;
const answerBytesMax = 4 * 1024 * 1024;
const limitMs = 5000;
const clientsMax = 8;
/** sun_path of Linux holds 108 bytes with its closing zero (unix(7)) */
const pathBytesMax = 107;

const request = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("status") }),
  z.strictObject({ op: z.literal("nodes") }),
  z.strictObject({ op: z.literal("newcomers") }),
  z.strictObject({ op: z.literal("rekey"), node: slug, actor: z.string().min(1).max(40) }),
  z.strictObject({ op: z.literal("identify"), node: slug, actor: z.string().min(1).max(40) }),
  z.strictObject({ op: z.literal("look"), resource: slug }),
  z.strictObject({ op: z.literal("tryPermit"), machine: slug, long: z.boolean(), actor: z.string().min(1).max(40) }),
  z.strictObject({ op: z.literal("endPermit"), machine: slug, now: z.boolean(), actor: z.string().min(1).max(40) }),
  z.strictObject({ op: z.literal("unlockDoor"), door: slug, actor: z.string().min(1).max(40) }),
  z.strictObject({
    op: z.literal("orderDoor"),
    door: slug,
    order: z.enum(["acknowledge", "relock", "reset"]),
    actor: z.string().min(1).max(40),
  }),
  z.strictObject({
    op: z.literal("capture"),
    member: memberRef,
    resource: slug.nullable(),
    label: z.string().max(60),
    actor: z.string().min(1).max(40),
  }),
]);
export type ControlRequest = z.infer<typeof request>;

/** what became of an order to a node */
/** more readers wait than are named, in a very large space */
export const readersMax = 1000;
const outcome = z.union([
  z.object({ status: z.enum(["applied", "verified", "unconfirmed", "missing"]) }),
  z.object({ status: z.literal("rejected"), sentence: z.string().max(400) }),
]);
const newcomer = z.object({
  fp: z.string().max(16),
  words: z.string().max(80),
  publicKey: z.string().max(43),
  model: z.string().max(60),
  fw: z.string().max(40),
  serial: z.string().max(60),
  wants: z.string().max(32).nullable(),
  channels: z.array(z.object({ ch: z.string().max(32), kind: z.string().max(24) })).max(16),
  sinceMs: z.int(),
  /** the node that it becomes as soon as it has its keys */
  adoptedAs: z.string().max(32).nullable(),
});
const results = {
  /** false: it is not there, or too old to be given keys */
  rekey: z.object({ sent: z.boolean() }),
  /** `hubWords`: by these a new node knows this hub */
  newcomers: z.object({ untilMs: z.int().nullable(), hubWords: z.string().max(80), waiting: z.array(newcomer).max(100) }),
  status: z.object({ version: z.string().max(40), sinceMs: z.int(), troubles: z.array(z.string().max(400)).max(50) }),
  nodes: z.array(
    z.object({
      id: z.string().max(40),
      label: z.string().max(80),
      status: z.string().max(24),
      lastSeenMs: z.int().nullable(),
      outboxDepth: z.int().nullable(),
      snapshotAgeMs: z.int().nullable(),
      firmware: z.string().max(40).nullable(),
      clock: z.string().max(24),
      clockErrorMs: z.number().nullable(),
      uptimeMs: z.number().nullable(),
      boards: z.array(z.string().max(120)).max(8),
      /** by how many percent its power may be off; null where it is measured */
      uncertainPct: z.number().nullable(),
      /** dBm of its radio, or that it has none; null while nobody can tell */
      signal: z.union([z.number(), z.literal("wired")]).nullable(),
      /** versions: in force at the node, and sent by the hub at `sentMs`; `trouble` when it is not in force as it was sent */
      config: z.object({
        applied: z.int().nullable(),
        sent: z.int().nullable(),
        sentMs: z.int().nullable(),
        trouble: z.string().max(200).nullable(),
      }),
      trouble: z.string().max(400).nullable(),
    }),
  ),
  identify: outcome,
  /** null: there is no such door or machine */
  look: z
    .object({
      kind: z.enum(["door", "machine"]),
      node: z.string().max(40),
      ch: z.string().max(40),
      online: z.boolean(),
      senses: z.array(z.string().max(24)).max(16).nullable(),
      firmware: z.string().max(40).nullable(),
      hardware: z.string().max(60).nullable(),
      configVersion: z.int(),
      state: z.string().max(24).nullable(),
      permitted: z.boolean().nullable(),
      powered: z.boolean().nullable(),
      open: z.boolean().nullable(),
      session: z.boolean(),
      powerW: z.number().nullable(),
      samples: z.array(z.object({ atMs: z.number(), powerW: z.number().nullable() })).max(600),
    })
    .nullable(),
  tryPermit: outcome,
  endPermit: outcome,
  unlockDoor: outcome,
  orderDoor: outcome,
  /** `readers`: names of the doors and machines whose reader waits */
  capture: z.object({ capture: z.int(), readers: z.array(z.string().max(40)).max(readersMax) }),
} as const;
export type ControlOp = ControlRequest["op"];
export type ControlResult<Op extends ControlOp> = z.infer<(typeof results)[Op]>;
/** What the hub does for each request; a handler has 4 s. A HubError's or Error's message becomes the answer's sentence. */
export type ControlHandlers = {
  readonly [Op in ControlOp]: (asked: Extract<ControlRequest, { op: Op }>) => Promise<ControlResult<Op>>;
};

const reply = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), sentence: z.string().max(1000) }),
]);

export const controlPath = (dataDir: string): string => join(dataDir, "control.sock");

/** Listens for the command line. Throws HubError DATA_FOLDER when another hub answers there or the path cannot be used. */
export async function serveControl(path: string, handlers: ControlHandlers): Promise<{ close(): Promise<void> }> {
  if (Buffer.byteLength(path) > pathBytesMax)
    throw new HubError("DATA_FOLDER", `${path} is longer than ${pathBytesMax} bytes, too long for a socket`);
  if (existsSync(path)) {
    if ((await askControl(path, { op: "status" })).kind !== "no_hub")
      throw new HubError("DATA_FOLDER", `another hub is running on it: ${path}`);
    rmSync(path);
  }
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    serveOne(socket, handlers);
  });
  server.maxConnections = clientsMax;
  await listen(server, path);
  return {
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause) => reject(new HubError("DATA_FOLDER", path, cause)));
  server.listen({ path }, resolve);
  await promise;
  chmodSync(path, 0o600); // the folder is 700: nobody else could have been quicker
}

function serveOne(socket: Socket, handlers: ControlHandlers): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const answer = (given: z.infer<typeof reply>): void => {
    socket.end(`${JSON.stringify(given)}\n`);
  };
  socket.setTimeout(limitMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    const end = chunk.indexOf(10);
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
    if (bytes > requestBytesMax) {
      socket.off("data", take);
      answer({ ok: false, sentence: `The request is longer than ${requestBytesMax} bytes.` });
      return;
    }
    if (end === -1) return;
    socket.off("data", take);
    socket.resume();
    void answerTo(Buffer.concat(chunks).toString("utf8"), handlers).then(answer);
  };
  socket.on("data", take);
}

async function answerTo(line: string, handlers: ControlHandlers): Promise<z.infer<typeof reply>> {
  const asked = request.safeParse(jsonOf(line));
  if (!asked.success) return { ok: false, sentence: "The hub does not know this request; are hub and command line of the same version?" };
  try {
    const handle = handlers[asked.data.op] as (given: ControlRequest) => Promise<unknown>;
    return { ok: true, result: await handle(asked.data) };
  } catch (error) {
    return {
      ok: false,
      sentence: error instanceof HubError ? `${error.message} ${error.fix}` : error instanceof Error ? error.message : String(error),
    };
  }
}

export type ControlAnswer<Op extends ControlOp> =
  | { readonly kind: "answer"; readonly result: ControlResult<Op> }
  /** nobody listens on the socket */
  | { readonly kind: "no_hub" }
  /** the hub is there and says no, or says nothing within 5 s */
  | { readonly kind: "failed"; readonly sentence: string };

/** Asks the running hub. Never rejects; answers within 5 s. */
export async function askControl<Op extends ControlOp>(
  path: string,
  asked: Extract<ControlRequest, { op: Op }>,
): Promise<ControlAnswer<Op>> {
  const { promise, resolve } = Promise.withResolvers<ControlAnswer<Op>>();
  const socket = connect({ path });
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (answer: ControlAnswer<Op>): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve(answer);
  };
  const timer = setTimeout(
    () => end({ kind: "failed", sentence: `The hub did not answer within ${limitMs / 1000} s. Look at its terminal or log.` }),
    limitMs,
  );
  socket.on("error", (error) => {
    const gone = ["ENOENT", "ECONNREFUSED", "ENOTSOCK", "EINVAL", "ENOTDIR"].includes(systemCode(error) ?? "");
    end(
      gone
        ? { kind: "no_hub" }
        : { kind: "failed", sentence: `The hub's socket ${path} cannot be used (${systemCode(error)}). Run this as the user of the hub.` },
    );
  });
  socket.on("connect", () => socket.write(`${JSON.stringify(asked)}\n`));
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > answerBytesMax) end({ kind: "failed", sentence: "The hub's answer is longer than 4 MB." });
  });
  socket.on("end", () => end(read(Buffer.concat(chunks).toString("utf8"), asked.op)));
  return promise;
}

function read<Op extends ControlOp>(text: string, op: Op): ControlAnswer<Op> {
  const parsed = reply.safeParse(jsonOf(text));
  if (!parsed.success) return { kind: "failed", sentence: "The hub closed the connection without an answer. Look at its terminal or log." };
  if (!parsed.data.ok) return { kind: "failed", sentence: parsed.data.sentence };
  const result = results[op].safeParse(parsed.data.result);
  if (!result.success)
    return { kind: "failed", sentence: "The hub answered in another way than expected; are hub and command line of the same version?" };
  return { kind: "answer", result: result.data as ControlResult<Op> };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
