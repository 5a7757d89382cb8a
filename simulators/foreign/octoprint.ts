/**
 * OctoPrint with its MQTT plugin, as recorded (protocols.md D1): retained progress and temperatures, 100 % two or three times while
 * it still says printing, a cancel that is cancelled and failed, payloads of null, slicing progress at the start, silence after M112.
 */
import type { Scheduler } from "../scheduler.ts";
import type { Printer, PrinterDoes } from "./printer.ts";
import type { ForeignWire } from "./wire.ts";

export type OctoPrintSim = {
  readonly base: string;
  /** the host computer starts again: the plugin goes and comes, what was retained stays */
  restart(): void;
  stop(): void;
};

const stateIds: Readonly<Record<PrinterDoes, string>> = {
  idle: "OPERATIONAL",
  heating: "PRINTING",
  printing: "PRINTING",
  paused: "PAUSED",
  attention: "PAUSED",
  finished: "OPERATIONAL",
  cancelled: "OPERATIONAL",
  failed: "ERROR",
  lost: "OFFLINE",
};

/** `base`: the user's own topic, `octoPrint` unless changed. The last will of its wire is `<base>/mqtt` "disconnected". */
export function simulateOctoPrint(given: {
  readonly wire: ForeignWire;
  readonly printer: Printer;
  readonly scheduler: Scheduler;
  readonly base?: string;
  readonly temperatureMs?: number;
}): OctoPrintSim {
  const { wire, printer, scheduler, base = "octoPrint", temperatureMs = 5000 } = given;
  let isAlive = true;
  let lastPercent = -1;
  const stamp = () => ({ _timestamp: Math.floor(scheduler.nowMs() / 1000) });
  const event = (name: string, fields: Readonly<Record<string, unknown>> | null) =>
    wire.publish(`${base}/event/${name}`, fields === null ? "null" : JSON.stringify({ ...stamp(), _event: name, ...fields }));
  const file = () => {
    const name = printer.job()?.file ?? "";
    return { name, path: name, origin: "local", size: 123_456 };
  };
  const spent = () => ({ time: printer.printedMs() / 1000 });
  const progress = (percent: number) => {
    const flags = { operational: true, printing: true, paused: false, cancelling: false, error: false, closedOrError: false };
    const times = { printTime: Math.round(printer.printedMs() / 1000), printTimeLeft: null };
    const data = { state: { text: "Printing", flags }, job: { file: file() }, progress: times };
    wire.publish(
      `${base}/progress/printing`,
      JSON.stringify({ ...stamp(), location: "local", path: file().path, progress: percent, printer_data: data }),
      true,
    );
  };
  const state = (now: PrinterDoes) => event("PrinterStateChanged", { state_id: stateIds[now], state_string: stateIds[now].toLowerCase() });
  const hello = () => {
    wire.publish(`${base}/mqtt`, "connected", true);
    wire.publish(`${base}/progress/slicing`, JSON.stringify({ ...stamp(), progress: 0, source_path: null }), true);
    event("Startup", null);
    if (printer.isOn() && printer.does() === "idle") event("Connected", { port: "/dev/ttyACM0", baudrate: 115_200 });
  };
  const changed = (now: PrinterDoes, before: PrinterDoes) => {
    if (!isAlive || now === "lost") return; // M112, a lost cable: nothing is said
    switch (now) {
      case "heating":
        if (before === "paused") break;
        event("PrintStarted", file());
        lastPercent = 0;
        progress(0);
        break;
      case "printing":
        if (before !== "heating") event("PrintResumed", file());
        break;
      case "paused":
      case "attention":
        event("PrintPaused", file());
        break;
      case "finished":
        for (let times = 0; times < 3; times += 1) progress(100);
        event("PrintDone", { ...file(), ...spent() });
        break;
      case "cancelled":
        event("PrintCancelled", { ...file(), ...spent() });
        event("PrintFailed", { ...file(), ...spent(), reason: "cancelled" });
        break;
      case "failed":
        event("Error", { error: "SerialException", reason: "connection" });
        event("PrintFailed", { ...file(), ...spent(), reason: "error" });
        event("Disconnected", null);
        break;
      case "idle":
        event("Connected", null);
    }
    state(now);
  };
  const tick = () => {
    if (!isAlive) return;
    if (printer.isOn() && printer.does() !== "lost") {
      for (const [part, heat] of [
        ["tool0", printer.nozzle()],
        ["bed", printer.bed()],
      ] as const)
        wire.publish(`${base}/temperature/${part}`, JSON.stringify({ ...stamp(), actual: heat.actualC, target: heat.targetC }), true);
      const percent = Math.floor(printer.percent());
      if (printer.does() === "printing" && percent !== lastPercent && percent < 100) {
        lastPercent = percent;
        progress(percent);
      }
    }
    scheduler.after(temperatureMs, tick);
  };
  printer.onChange(changed);
  hello();
  scheduler.after(0, tick);
  return {
    base,
    restart() {
      wire.publish(`${base}/mqtt`, "disconnected", true);
      hello();
    },
    stop() {
      isAlive = false;
      wire.publish(`${base}/mqtt`, "disconnected", true);
    },
  };
}
