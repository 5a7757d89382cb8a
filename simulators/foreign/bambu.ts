/**
 * A Bambu Lab printer in LAN mode (protocols.md D4): its own broker on TLS with a certificate that it signed itself, user `bblp` and
 * an access code, few clients. X1 sends whole reports, P1 and H2 what changed; `pushall` asks for everything; FINISH stays.
 */

import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import "../../hub/broker/reflect-shim.ts";
import * as x509 from "@peculiar/x509";
import { Aedes } from "aedes";
import type { Scheduler } from "../scheduler.ts";
import type { Printer, PrinterDoes } from "./printer.ts";

export type BambuSim = {
  readonly port: number;
  readonly serial: string;
  readonly certPem: string;
  readonly identity: { readonly certPem: string; readonly keyPem: string };
  /** how often somebody asked for everything */
  pushalls(): number;
  /** the laser module is put on, or taken off (H2D) */
  fitLaser(fitted: boolean): void;
  /** its radio is gone and comes back */
  dropAll(): void;
  close(): Promise<void>;
};

const states: Readonly<Record<Exclude<PrinterDoes, "lost">, string>> = {
  idle: "IDLE",
  heating: "PREPARE",
  printing: "RUNNING",
  paused: "PAUSE",
  attention: "PAUSE",
  finished: "FINISH",
  cancelled: "FAILED",
  failed: "FAILED",
};
const clientsMax = 4;

export async function simulateBambu(given: {
  readonly printer: Printer;
  readonly scheduler: Scheduler;
  readonly accessCode: string;
  readonly serial?: string;
  readonly model?: "x1" | "p1" | "h2d";
  readonly reportMs?: number;
}): Promise<BambuSim> {
  const { printer, scheduler, accessCode, serial = "01P00A000000001", model = "p1", reportMs = 1000 } = given;
  const identity = await selfSigned(serial);
  const broker = await Aedes.createBroker({ heartbeatInterval: 60_000, drainTimeout: 2000 });
  broker.authenticate = (_client, username, password, done) =>
    done(null, username === "bblp" && password?.toString() === accessCode && broker.connectedClients <= clientsMax);
  const server: Server = createServer({ cert: identity.certPem, key: identity.keyPem, noDelay: true }, (socket: TLSSocket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    broker.handle(socket);
  });
  const sockets = new Set<Socket>();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let isOpen = true;
  let pushalls = 0;
  let laser: boolean | null = model === "h2d" ? false : null;
  let sequence = 0;
  let known: Record<string, unknown> = {};
  let last = "IDLE";
  const whole = (): Record<string, unknown> => {
    const does = printer.does();
    if (does !== "lost") last = states[does];
    const job = printer.job();
    return {
      gcode_state: last,
      mc_percent: Math.round(printer.percent()),
      mc_remaining_time: job === null ? 0 : Math.max(0, Math.round((job.printMs - printer.printedMs()) / 60_000)),
      gcode_file_prepare_percent: "0", // a number as text, as recorded
      layer_num: printer.layer(),
      total_layer_num: job?.layers ?? 0,
      stg_cur: model === "p1" ? 255 : -1,
      nozzle_temper: printer.nozzle().actualC,
      nozzle_target_temper: printer.nozzle().targetC,
      bed_temper: printer.bed().actualC,
      bed_target_temper: printer.bed().targetC,
      chamber_temper: model === "p1" ? 5 : 34,
      print_error: 0,
      home_flag: -1_066_934_785,
      ...(laser === null ? {} : { device: { ext_tool: laser ? { mount: 1, type: "LB00" } : { mount: 0, type: "" } } }),
    };
  };
  const say = (print: Record<string, unknown>, msg: 0 | 1) => {
    sequence += 1;
    const payload = JSON.stringify({ print: { command: "push_status", msg, sequence_id: String(sequence), ...print } });
    broker.publish(packetOf(`device/${serial}/report`, payload), () => undefined);
  };
  const report = () => {
    const now = whole();
    const changed = Object.fromEntries(Object.entries(now).filter(([key, value]) => JSON.stringify(known[key]) !== JSON.stringify(value)));
    known = now;
    if (model === "x1") say(now, 0);
    else if (Object.keys(changed).length > 0) say(changed, 1);
    if (model === "p1" && sequence % 7 === 0) say({ print_type: "idle" }, 1); // recorded; it says nothing of the job
  };
  broker.subscribe(
    `device/${serial}/request`,
    (packet, done) => {
      done();
      const text = packet.payload.toString();
      if (!text.includes('"pushall"')) return;
      pushalls += 1;
      say(whole(), 0);
    },
    () => undefined,
  );
  const tick = () => {
    if (!isOpen) return;
    if (printer.isOn() && printer.does() !== "lost") report();
    scheduler.after(reportMs, tick);
  };
  printer.onChange((now) => isOpen && now !== "lost" && report());
  scheduler.after(0, tick);
  return {
    port: (server.address() as AddressInfo).port,
    serial,
    certPem: identity.certPem,
    identity,
    pushalls: () => pushalls,
    fitLaser(fitted) {
      laser = fitted;
      report();
    },
    dropAll() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}

const packetOf = (topic: string, payload: string) =>
  ({ cmd: "publish", topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false }) as const;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Named after the serial number, as the printers' are; nobody has signed it but themselves. */
async function selfSigned(serial: string): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  x509.cryptoProvider.set(crypto);
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${serial}`,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 10 * 365 * 86_400_000),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certPem: `${cert.toString("pem")}\n`, keyPem: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n` };
}
