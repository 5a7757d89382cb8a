/**
 * The embedded broker in a process of its own, so that a test can measure its memory and see it die. As a program it is the
 * broker; as a module it starts that program and talks to it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { usernameOf } from "../../hub/broker/acl.ts";
import { type BrokerStats, createEmbeddedBroker } from "../../hub/broker/embedded.ts";
import type { Quotas } from "../../hub/broker/quotas.ts";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { runtime } from "./runtime.ts";

const site = "valmiera";
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const order = z.discriminatedUnion("do", [
  z.object({ do: z.literal("stats"), collect: z.boolean() }),
  /** publishes a payload of `bytes` to each path in turn, `perSecond` in all, until told otherwise */
  z.object({ do: z.literal("publish"), paths: z.array(z.string()), bytes: z.int(), perSecond: z.number() }),
]);
type Order = z.infer<typeof order>;
const ready = z.object({ tls: z.number(), plain: z.number(), caPem: z.string() });
const measured = z.object({ rssBytes: z.number(), heapBytes: z.number(), stats: z.custom<BrokerStats>() });
export type Measured = z.infer<typeof measured>;

async function serve(): Promise<void> {
  const quotas = JSON.parse(process.argv[2] ?? "{}") as Partial<Quotas>;
  const dir = await mkdtemp(join(tmpdir(), "koprade-child-"));
  const tls = await loadSiteTls({ dir, site, names: [], nowMs: Date.now() });
  await rm(dir, { recursive: true });
  const broker = await createEmbeddedBroker({
    site,
    tls,
    tlsPort: 0,
    plainPort: 0,
    quotas,
    log,
    verify: async (identity, secret) => Buffer.from(secret).toString() === `secret-of-${usernameOf(identity)}`,
  });
  let timer: NodeJS.Timeout | undefined;
  process.on("message", (message) => {
    const wanted = order.parse(message);
    if (wanted.do === "stats") {
      if (wanted.collect) globalThis.gc?.();
      process.send?.({ rssBytes: process.memoryUsage.rss(), heapBytes: process.memoryUsage().heapUsed, stats: broker.stats() });
    } else timer = publishing(wanted, timer);
  });
  const publishing = (wanted: Extract<Order, { do: "publish" }>, before: NodeJS.Timeout | undefined): NodeJS.Timeout => {
    clearInterval(before);
    const payload = Buffer.alloc(wanted.bytes, 1);
    let i = 0;
    return setInterval(
      () => {
        for (let n = 0; n < wanted.perSecond / 50; n += 1) {
          payload.writeDoubleBE(performance.timeOrigin + performance.now(), 0);
          void broker.publishRaw(wanted.paths[i++ % wanted.paths.length] ?? "", Buffer.from(payload), { qos: 1 });
        }
      },
      wanted.perSecond > 0 ? 20 : 1000,
    );
  };
  process.on("disconnect", () => process.exit(0));
  process.send?.({ ...broker.ports, caPem: tls.caPem });
}

export type BrokerChild = {
  readonly tls: number;
  readonly plain: number;
  readonly caPem: string;
  isAlive(): boolean;
  /** with `collect`, what is held after a garbage collection */
  measure(collect?: boolean): Promise<Measured>;
  publish(paths: readonly string[], bytes: number, perSecond: number): void;
  stop(): Promise<void>;
};

/** Starts the broker; loopback counts per address like any other unless the quotas say otherwise. */
export async function startBroker(quotas: Partial<Quotas> = {}): Promise<BrokerChild> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(quotas)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // as `koprade` starts its own runtime, or its memory says nothing about the hub's
    execArgv: [...runtime.flags, "--expose-gc"],
    env: { ...process.env, ...runtime.environment },
  });
  let isAlive = true;
  child.once("exit", () => {
    isAlive = false;
  });
  const ports = ready.parse(await answer(child));
  return {
    ...ports,
    isAlive: () => isAlive,
    measure: async (collect = false) => {
      child.send({ do: "stats", collect } satisfies Order);
      return measured.parse(await answer(child));
    },
    publish: (paths, bytes, perSecond) => child.send({ do: "publish", paths: [...paths], bytes, perSecond } satisfies Order),
    stop: async () => {
      if (!isAlive) return;
      child.disconnect();
      await once(child, "exit");
    },
  };
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("the broker's process ended"));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
