/**
 * Moonraker in front of Klipper, over MQTT as documented (protocols.md D2): only what changed is said, whole or one field a topic;
 * nothing of it is retained; who was away must ask; `complete` stays until the next job; a shutdown leaves `printing` behind.
 */
import type { Scheduler } from "../scheduler.ts";
import type { Printer, PrinterDoes } from "./printer.ts";
import type { ForeignWire } from "./wire.ts";

export type MoonrakerSim = {
  readonly instance: string;
  /** Klipper stops (M112, a lost board): print_stats stays as it was, the job is gone */
  shutdown(): void;
  stop(): void;
};

type Objects = Record<string, Record<string, unknown>>;

const states: Readonly<Record<Exclude<PrinterDoes, "lost">, string>> = {
  idle: "standby",
  heating: "printing",
  printing: "printing",
  paused: "paused",
  attention: "paused",
  finished: "complete",
  cancelled: "cancelled",
  failed: "error",
};

/** `split`: publish_split_status, one topic per field. */
export function simulateMoonraker(given: {
  readonly wire: ForeignWire;
  readonly printer: Printer;
  readonly scheduler: Scheduler;
  readonly instance?: string;
  readonly split?: boolean;
  readonly reportMs?: number;
}): MoonrakerSim {
  const { wire, printer, scheduler, instance = "printer1", split = false, reportMs = 1000 } = given;
  let isAlive = true;
  let klippy: "ready" | "shutdown" = "ready";
  /** what print_stats said last; a shutdown changes nothing of it */
  let state = "standby";
  let known: Objects = {};
  const eventtime = () => 578_243 + scheduler.nowMs() / 1000;
  const objects = (): Objects => {
    const does = printer.does();
    if (does !== "lost" && klippy === "ready") state = states[does];
    const job = printer.job();
    const isOver = state === "standby";
    return {
      webhooks: { state: klippy, state_message: klippy === "ready" ? "Printer is ready" : "Shutdown due to webhooks request" },
      print_stats: {
        filename: isOver ? "" : (job?.file ?? ""),
        total_duration: Math.round(printer.printedMs() / 1000),
        print_duration: Math.round(printer.printedMs() / 1000),
        filament_used: Math.round(printer.printedMs() / 400),
        state,
        message: "",
        info: { total_layer: null, current_layer: null },
      },
      virtual_sdcard: { progress: Math.round(printer.percent()) / 100 },
      extruder: { temperature: printer.nozzle().actualC, target: printer.nozzle().targetC },
      heater_bed: { temperature: printer.bed().actualC, target: printer.bed().targetC },
    };
  };
  const report = () => {
    const now = objects();
    const changes = differences(known, now);
    known = now;
    if (Object.keys(changes).length === 0) return;
    if (!split) return wire.publish(`${instance}/klipper/status`, JSON.stringify({ eventtime: eventtime(), status: changes }));
    for (const [object, fields] of Object.entries(changes)) {
      for (const [field, value] of Object.entries(fields))
        wire.publish(`${instance}/klipper/state/${object}/${field}`, JSON.stringify({ eventtime: eventtime(), value }));
    }
  };
  const tick = () => {
    if (!isAlive) return;
    if (printer.isOn()) report();
    scheduler.after(reportMs, tick);
  };
  const answer = (payload: string) => {
    if (!isAlive) return;
    const request = JSON.parse(payload) as { method?: string; params?: { objects?: Record<string, unknown> }; id?: unknown };
    const reply = (body: object) =>
      wire.publish(`${instance}/moonraker/api/response`, JSON.stringify({ jsonrpc: "2.0", ...body, id: request.id ?? null }));
    if (request.method !== "printer.objects.query") return reply({ error: { code: -32601, message: "Method not found" } });
    if (!printer.isOn()) return reply({ error: { code: 503, message: "Klippy Host not connected" } });
    const all = objects();
    const asked = Object.keys(request.params?.objects ?? {});
    const status = Object.fromEntries(asked.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
    return reply({ result: { eventtime: eventtime(), status } });
  };
  wire.subscribe(`${instance}/moonraker/api/request`, (_topic, payload) => answer(payload));
  wire.publish(`${instance}/moonraker/status`, JSON.stringify({ server: "online" }), true);
  printer.onChange((now) => {
    if (now === "lost") klippy = "shutdown";
    else if (now === "idle") klippy = "ready";
    if (isAlive) report();
  });
  scheduler.after(0, tick);
  return {
    instance,
    shutdown() {
      klippy = "shutdown";
      printer.lose();
      report();
    },
    stop() {
      isAlive = false;
      wire.publish(`${instance}/moonraker/status`, JSON.stringify({ server: "offline" }), true);
    },
  };
}

/** Fields whose value is other than before; objects stay apart. */
function differences(before: Objects, now: Objects): Objects {
  const changed: Objects = {};
  for (const [object, fields] of Object.entries(now)) {
    for (const [field, value] of Object.entries(fields)) {
      if (JSON.stringify(before[object]?.[field]) === JSON.stringify(value)) continue;
      changed[object] = { ...changed[object], [field]: value };
    }
  }
  return changed;
}
