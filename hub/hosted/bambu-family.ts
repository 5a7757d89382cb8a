/**
 * Bambu Lab in LAN mode as a hosted family: the printer is a broker with a certificate of its own, which is pinned, and the hub its one
 * client. Everything is asked for once after connecting; after that parts are merged (design notes D4).
 */
import { type BambuReport, bambuCannot, mergeBambu, parseBambu } from "./bambu.ts";
import { defineFamily, type FamilyDescription, mqtt, type Sense } from "./family.ts";
import { jobSense, nothingKnown, type PrinterMemory, withState } from "./printer-memory.ts";

type Memory = PrinterMemory & { readonly report: BambuReport | undefined };

const defaultPort = 8883;
const serialOf = (options: Readonly<Record<string, string>>): string => options.serial ?? "";

export const bambuFamily = defineFamily<Memory>({
  label: "Bambu Lab printers in LAN mode",
  transport: {
    kind: "mqtts",
    dial: ({ options }) => ({
      port: options.port === undefined ? defaultPort : Number(options.port),
      username: "bblp",
      password: options.accessCode ?? "",
      subscribe: [`device/${serialOf(options)}/report`],
      fingerprint: options.fingerprint ?? null,
      askLeastMs: 300_000,
    }),
  },
  parts: ["controller"],
  options: {
    serial: { about: "its serial number, on the printer under Settings, Device", secret: false, required: true },
    accessCode: { about: "under Settings, LAN only mode; it changes when that is switched", secret: true, required: true },
    fingerprint: {
      about: "SHA-256 of its certificate in hex; until it is set the host refuses it and logs the one it saw",
      secret: false,
      required: false,
    },
    tool: { about: "laser, where this machine is the printer with its laser module on; else extruder", secret: false, required: false },
    port: { about: `${defaultPort} unless a proxy is between`, secret: false, required: false },
  },
  cannot: bambuCannot,
  silentMs: 120_000,
  counter: null,
  initial: () => ({ ...nothingKnown, report: undefined }),
  read(heard, memory, { options }) {
    if (heard.kind !== "mqtt" || heard.topic !== `device/${serialOf(options)}/report`) return [memory, []];
    const message = parseBambu(heard.topic, heard.payload);
    if (message.kind === "version") return [memory, [{ kind: "identity", firmware: message.firmware }]];
    if (message.kind !== "report") return [memory, []];
    const report = mergeBambu(memory.report, message);
    const known = report.state === undefined ? memory : { ...memory, ...withState(memory, report.state) };
    const next: Memory = {
      ...known,
      report,
      percent: report.percent ?? null,
      remainingS: typeof report.remainingMin === "number" ? report.remainingMin * 60 : null,
      tempC: report.nozzleC ?? null,
    };
    // only what changed is said of the tool: nobody is cut off for a part of a report
    const isNews = message.laserModule !== undefined && message.laserModule !== memory.report?.laserModule;
    const tool: readonly Sense[] = isNews ? [{ kind: "tool", tool: message.laserModule === true ? "laser" : "extruder" }] : [];
    return [next, [...tool, ...jobSense(next)]];
  },
  orders: (order, { options }) =>
    order.kind === "ask"
      ? [mqtt(`device/${serialOf(options)}/request`, { pushing: { sequence_id: "0", command: "pushall", version: 1, push_target: 1 } })]
      : [],
  provision: () => null,
  recognise: () => null,
} satisfies FamilyDescription<Memory>);
