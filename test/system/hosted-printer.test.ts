/**
 * A printer behind OctoPrint and a Tasmota plug, over the real listener, host and hub: the job is the printer's word, the power the plug's.
 * Its owner leaves; hub, OctoPrint and host are killed in the middle; nothing is cut, and the books are right.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OctoPrintSim, simulateOctoPrint } from "../../simulators/foreign/octoprint.ts";
import { createPrinter, type Printer } from "../../simulators/foreign/printer.ts";
import { plugTasmota, type TasmotaPlug } from "../../simulators/foreign/tasmota.ts";
import { connectForeign, type ForeignWire } from "../../simulators/foreign/wire.ts";
import { createLiveScheduler, type Scheduler } from "../../simulators/scheduler.ts";
import { by, deviceRow, type HostedSpace, openHostedSpace, password, pause, until } from "../support/hosted-space.ts";

const ada = "04A23B1C5D6E80";
/** a minute of the printer is half a second here */
const speed = 120;
const minute = 60_000;
let space: HostedSpace;
let plug: TasmotaPlug;
let printer: Printer;
let scheduler: Scheduler;
let wire: ForeignWire;
let octo: OctoPrintSim;
let mains: NodeJS.Timeout;

const octoAccount = () => ({
  ...{ url: space.url, clientId: "octo", username: "octo", password },
  will: { topic: "octopi/mqtt", payload: "disconnected" },
});

beforeAll(async () => {
  space = await openHostedSpace({
    async furnish({ change }) {
      await change.addPlan({ plan: "member", label: "Member", always: true }, by);
      await change.addNode({ node: "printer-node", kind: "hosted", label: "Printer" }, by);
      const settings = { profile: "fdm", coolDownC: 60, startGuardMs: 200 } as const;
      await change.addMachine(
        {
          ...{ machine: "printer-1", node: "printer-node", ch: "machine", label: "Printer", riskClass: "C", cutHazard: true, course: null },
          ...{ attendance: "unattended_ok", settings, graceMs: 500 },
        },
        by,
      );
      const { member } = await change.addMember({ displayName: "Ada" }, by);
      await change.assignCard({ member, card: { number: `iso14443a:${ada}` }, label: "fob" }, by);
      await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
    },
    files: [
      {
        ...{ node: "printer-node", kind: "machine", ch: "machine", permit: "latching", deadManS: 60 },
        devices: [
          deviceRow({
            ...{ account: "printer-plug", family: "tasmota", name: "printer-plug", parts: ["relay", "meter", "reader"] },
            options: { maxW: "40000" }, // of a printer that is so much faster
          }),
          deviceRow({ account: "octo", family: "octoprint", name: "octopi", parts: ["controller"] }),
        ],
      },
    ],
  });
  scheduler = createLiveScheduler(speed);
  printer = createPrinter({ scheduler, seed: 4, warmUpMs: minute });
  printer.mains(false);
  // the plug counts real seconds, the printer its own minutes
  const loadW = () => printer.powerW() * speed;
  plug = plugTasmota({ url: space.url, topic: "printer-plug", username: "printer-plug", password, loadW, periodMs: 300 });
  mains = setInterval(() => printer.mains(plug.isOn()), 50);
  wire = await connectForeign(octoAccount());
  octo = simulateOctoPrint({ wire, printer, scheduler, base: "octopi", temperatureMs: minute });
  await until("the node to be there", () =>
    space
      .stack()
      .hub.live.nodes()
      .some(({ status }) => status === "online"),
  );
  await until("the plug's settings", () => plug.setting("PowerOnState") === "0");
  await pause(1200); // a card on a reader that is only just starting counts as forgotten there
}, 60_000);

afterAll(async () => {
  clearInterval(mains);
  octo?.stop();
  scheduler?.stop();
  await wire?.close();
  await plug?.close();
  await space?.close();
});

const sessions = () => space.ledger().read.sessions({ machine: "printer-1", limit: 50 });
const open = () => sessions().filter(({ endedMs }) => endedMs === null);
const count = (kind: string): number => space.kinds("printer-node").filter((one) => one === kind).length;
const words = (): string[] =>
  space
    .ledger()
    .read.events({ node: "printer-node", limit: 500 })
    .toSorted((a, b) => a.evtMs - b.evtMs)
    .flatMap(({ body }) => (body.kind === "mach.job" ? [body.state] : []));

test("a print goes on when its owner leaves, over restarts of hub, OctoPrint and host, and ends cold and counted", async () => {
  const before = plug.truthWh();
  plug.card(ada);
  await until("power", () => plug.isOn());
  await until("the session", () => open().length === 1);
  let cuts = 0;
  const watch = setInterval(() => {
    if (!plug.isOn()) cuts += 1;
  }, 20);
  await until("the printer to be up", () => printer.isOn());
  printer.start("bridge.gcode", 32 * minute);
  await until("the job", () => words().includes("running"));
  await pause(700); // a tap this soon after the start would be a bounce
  plug.card(ada);
  await until("that she left", () => count("mach.session_unattended") === 1);

  await space.stopHub();
  wire.drop(); // OctoPrint's computer as well: its last will, then itself again
  await pause(1000);
  octo.restart();
  await space.startHub();
  await until("the node at the hub again", () =>
    space
      .stack()
      .hub.live.nodes()
      .some(({ status }) => status === "online"),
  );
  process.kill(space.host().pid() ?? 0, "SIGKILL");
  await until("the host again", () => count("mach.resumed") >= 1, 20_000);
  expect(open()).toHaveLength(1);
  expect([printer.does(), cuts]).toEqual(["printing", 0]);

  await until("the end of the print", () => printer.does() === "finished", 40_000);
  clearInterval(watch);
  expect(cuts).toBe(0);
  await until("power off, when it is cold", () => !plug.isOn(), 20_000);
  await until("the end of the session", () => open().length === 0);
  const truth = plug.truthWh() - before;
  const [session] = sessions();
  console.log(`print: ${session?.energyWh.toFixed(1)} Wh in the ledger, ${truth.toFixed(1)} Wh at the plug; words: ${words().join(" ")}`);
  expect(session?.reason).toBe("job_complete");
  expect(Math.abs((session?.energyWh ?? 0) - truth)).toBeLessThan(truth * 0.1); // the plug says how much every 0.3 s, which is 36 s of the printer
  expect(words().filter((word) => word === "complete").length).toBe(1);
  expect(count("mach.session_started")).toBe(1);
}, 120_000);
