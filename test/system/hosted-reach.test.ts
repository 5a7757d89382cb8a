/** Devices that are gone to: a printer asked over real HTTP by digest, and one that is a broker on TLS with a certificate of its own. */

import { createHash, X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../devices/kit/host.ts";
import { configSchema } from "../../hub/config.ts";
import { hostForeign } from "../../hub/foreign.ts";
import type { HostedFile } from "../../hub/host/hosted-file.ts";
import { hostFolder, writeHosted } from "../../hub/host/hosted-folder.ts";
import { type Reach, reachDevice } from "../../hub/host/reach.ts";
import { reachHttp } from "../../hub/host/reach-http.ts";
import { readHostStatus } from "../../hub/host/status-file.ts";
import { bambuFamily } from "../../hub/hosted/bambu-family.ts";
import type { DeviceAddress, Heard, HostedFamily, Sense } from "../../hub/hosted/family.ts";
import { prusaLinkFamily } from "../../hub/hosted/prusalink-family.ts";
import { nodeKeysText } from "../../hub/ledger/keys.ts";
import { simulateBambu } from "../../simulators/foreign/bambu.ts";
import { createPrinter } from "../../simulators/foreign/printer.ts";
import { simulatePrusaLink } from "../../simulators/foreign/prusalink.ts";
import { createLiveScheduler, type Scheduler } from "../../simulators/scheduler.ts";
import { aLedger, temporaryDir } from "../support/ledger.ts";
import { slowdown } from "../support/slowdown.ts";

const secret = "Zx81-Very-Secret";
const speed = 120;
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function world() {
  const scheduler: Scheduler = createLiveScheduler(speed);
  open.push(() => scheduler.stop());
  return { scheduler, printer: createPrinter({ scheduler, seed: 2, warmUpMs: 60_000 }) };
}

/** The family with its real connection, polled fast. */
function reached(family: HostedFamily, address: DeviceAddress, everyMs = 50) {
  const senses: Sense[] = [];
  const statuses: number[] = [];
  const lines: string[] = [];
  const line = (facts: object, sentence: string) => void lines.push(`${sentence} ${JSON.stringify(facts)}`);
  const device = family.open(address);
  const clock = systemClock();
  let isConnected = false;
  const given = {
    ...{ account: "printer", address, clock, log: { info: line, warn: line, error: line } },
    hear(heard: Heard) {
      if (heard.kind === "http") statuses.push(heard.status);
      senses.push(...device.hear(heard, clock.nowMs()));
    },
    connected: (is: boolean) => {
      isConnected = is;
      if (is) for (const request of family.orders({ kind: "ask" }, address)) reach.send(request);
    },
  };
  const { transport } = family;
  if (transport.kind === "mqtt") throw new Error("it comes to us");
  const reach: Reach =
    transport.kind === "http"
      ? reachHttp({ ...transport, polls: (at) => transport.polls(at).map(({ path }) => ({ path, everyMs })) }, given, 300)
      : reachDevice(transport, given);
  open.push(() => reach.close());
  const states = () =>
    senses.flatMap((sense) => (sense.kind === "job" ? [sense.state] : [])).filter((state, at, all) => state !== all[at - 1]);
  const online = () => senses.flatMap((sense) => (sense.kind === "availability" ? [sense.online] : []));
  return { senses, statuses, lines, states, online, reach, isConnected: () => isConnected };
}

async function until(what: string, isTrue: () => boolean, limitMs = 8000): Promise<void> {
  const mostMs = limitMs * slowdown();
  for (const from = performance.now(); !isTrue(); await pause(10)) {
    if (performance.now() - from > mostMs) throw new Error(`waited ${Math.round(mostMs)} ms for ${what}`);
  }
}

describe("PrusaLink over HTTP", () => {
  test.each([false, true])(
    "tells a whole job to whoever proves the password by digest (qop %s), which goes nowhere in the clear",
    async (qop) => {
      const { printer } = world();
      const link = await simulatePrusaLink({ printer, password: secret, qop });
      open.push(link.close);
      const prusa = reached(prusaLinkFamily, { name: link.url, channel: 0, options: { password: secret } });
      await until("idle", () => prusa.states().at(-1) === "idle");
      printer.start("box.bgcode", 120_000);
      await until("printing", () => prusa.states().at(-1) === "printing");
      printer.needsPerson();
      await until("attention", () => prusa.states().at(-1) === "attention");
      printer.resume();
      await until("the end", () => prusa.states().at(-1) === "finished");
      expect(prusa.states()).toEqual(["idle", "printing", "attention", "printing", "finished"]);
      expect(prusa.senses.filter((sense) => sense.kind === "job").every(({ job }) => job === null || job === "41")).toBe(true);
      expect(link.refused()).toBeLessThan(5); // the challenge is remembered
      expect(prusa.lines.join()).not.toContain(secret);
    },
  );
  test("does not wait for one that hangs, goes on asking less often, and is back with the first answer", async () => {
    const { printer } = world();
    const link = await simulatePrusaLink({ printer, password: secret });
    open.push(link.close);
    const prusa = reached(prusaLinkFamily, { name: link.url, channel: 0, options: { password: secret } });
    await until("an answer", () => prusa.online().at(-1) === true);
    link.failWith(500);
    await until("away", () => prusa.online().at(-1) === false);
    link.failWith(null);
    await until("back", () => prusa.online().at(-1) === true);
    link.hang(true);
    await until("silence", () => prusa.online().at(-1) === false);
    const asked = prusa.statuses.length;
    await pause(1000);
    expect(prusa.statuses.length - asked).toBeLessThan(4);
    link.hang(false);
    await until("back again", () => prusa.online().at(-1) === true, 20_000);
    expect(prusa.lines.filter((line) => line.startsWith("a hosted device does not answer"))).toHaveLength(1);
  });
  test("is asked at once when it gets power, however long it was away", async () => {
    const { printer } = world();
    const link = await simulatePrusaLink({ printer, password: secret });
    open.push(link.close);
    printer.mains(false);
    const prusa = reached(prusaLinkFamily, { name: link.url, channel: 0, options: { password: secret } });
    await until("many silences", () => prusa.statuses.length >= 10);
    printer.mains(true);
    prusa.reach.wake?.();
    await until("its answer", () => prusa.online().at(-1) === true, 1000); // left alone it is asked 3 s later
  });
  test("says that it is away to whoever has a wrong password, and asks for it no more than once a poll", async () => {
    const { printer } = world();
    const link = await simulatePrusaLink({ printer, password: secret });
    open.push(link.close);
    const prusa = reached(prusaLinkFamily, { name: link.url, channel: 0, options: { password: "guess" } });
    await until("three refusals", () => prusa.statuses.length >= 3);
    expect(prusa.statuses.every((status) => status === 401)).toBe(true);
    expect(prusa.online()).toEqual([false]);
    expect(link.refused()).toBeLessThanOrEqual(2 * prusa.statuses.length + 2);
  });
});

test("the first printer that is adopted beside a running hub is asked without a restart of the hub", async () => {
  const { dir, remove } = temporaryDir();
  open.push(remove);
  const ledger = await aLedger(dir);
  open.push(() => ledger.close());
  const { printer } = world();
  const link = await simulatePrusaLink({ printer, password: secret });
  open.push(link.close);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const foreign = await hostForeign({
    dir,
    config: configSchema.parse({ site: "reach-test" }),
    ownerExists: true,
    ledger,
    clock: systemClock(),
    log,
  });
  open.push(() => foreign.stop());
  const folder = hostFolder(dir);
  expect([foreign.port(), readHostStatus(folder)]).toEqual([null, null]);
  const { secret: nodeSecret } = await ledger.change.addNode({ node: "mk4", kind: "hosted" }, "cli:test");
  const row = { channel: 0, options: {}, secretHash: null };
  const file: HostedFile = {
    ...{
      site: "reach-test",
      node: "mk4",
      kind: "machine",
      ch: "machine",
      permit: "latching",
      deadManS: 300,
      hub: { url: "mqtts://127.0.0.1:1" },
    },
    devices: [
      { ...row, account: "mk4", family: "prusalink", name: link.url, options: { password: secret }, parts: ["controller"] },
      { ...row, account: "mk4-2", family: "esphome", name: "plug-1", parts: ["relay"] },
    ],
  };
  writeHosted({
    folder,
    file,
    keys: nodeKeysText(ledger.keys, { node: "mk4", macSerial: 0 }, nodeSecret, ledger.read.site().cardGeneration),
    caPem: null,
  });
  const isOnline = () => readHostStatus(folder)?.devices.some(({ account, online }) => account === "mk4" && online === true) === true;
  await until("its answer", isOnline, 20_000);
}, 60_000);

describe("Bambu Lab on TLS", () => {
  const sim = async (model: "p1" | "x1" | "h2d") => {
    const { printer, scheduler } = world();
    const bambu = await simulateBambu({ printer, scheduler, accessCode: secret, model, reportMs: 6000 });
    open.push(bambu.close);
    const fingerprint = createHash("sha256").update(new X509Certificate(bambu.certPem).raw).digest("hex");
    const options = { serial: bambu.serial, accessCode: secret, port: String(bambu.port) };
    return { printer, bambu, fingerprint, options };
  };
  test.each(["p1", "x1"] as const)("tells a whole job of a %s in parts or whole, asked for everything once", async (model) => {
    const { printer, bambu, fingerprint, options } = await sim(model);
    const printed = reached(bambuFamily, {
      name: "127.0.0.1",
      channel: 0,
      options: { ...options, fingerprint: fingerprint.toUpperCase().replace(/(..)(?!$)/g, "$1:") },
    });
    await until("idle", () => printed.states().at(-1) === "idle");
    printer.start("plate.3mf", 240_000);
    await until("printing", () => printed.states().at(-1) === "printing");
    printer.pause();
    await until("paused", () => printed.states().at(-1) === "paused");
    printer.resume();
    await until("the end", () => printed.states().at(-1) === "finished");
    expect(printed.states()).toEqual(["idle", "preparing", "printing", "paused", "printing", "finished"]);
    expect(bambu.pushalls()).toBe(1);
    expect(printed.lines.join()).not.toContain(secret);
  });
  test("tells that a laser is fitted", async () => {
    const { bambu, fingerprint, options } = await sim("h2d");
    const printed = reached(bambuFamily, { name: "127.0.0.1", channel: 0, options: { ...options, fingerprint } });
    await until("a report", () => printed.states().length > 0);
    bambu.fitLaser(true);
    await until("the laser", () => printed.senses.some((sense) => sense.kind === "tool" && sense.tool === "laser"));
  });
  test("gives its access code to nobody who shows another certificate, nor before one is pinned, and says which one is shown", async () => {
    const { bambu, fingerprint, options } = await sim("p1");
    const other = reached(bambuFamily, { name: "127.0.0.1", channel: 0, options: { ...options, fingerprint: "00".repeat(32) } });
    const none = reached(bambuFamily, { name: "127.0.0.1", channel: 0, options });
    await until("both refusals", () => other.lines.length > 0 && none.lines.length > 0);
    expect(none.lines.join()).toContain(fingerprint);
    expect([other.isConnected(), none.isConnected(), bambu.pushalls()]).toEqual([false, false, 0]);
    // and in fact: nothing at all is said to whoever only answers the handshake
    const heard: Buffer[] = [];
    const { certPem, keyPem } = bambu.identity;
    const thief = createTlsServer(
      { cert: certPem, key: keyPem },
      (socket) => void socket.on("error", () => undefined).on("data", (bytes: Buffer) => heard.push(bytes)),
    );
    await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
    open.push(() => thief.close());
    const port = String((thief.address() as AddressInfo).port);
    const fooled = reached(bambuFamily, { name: "127.0.0.1", channel: 0, options: { ...options, port, fingerprint: "ab".repeat(32) } });
    await until("the refusal", () => fooled.lines.length > 0);
    await pause(100);
    expect(Buffer.concat(heard)).toHaveLength(0);
  });
});
