/**
 * A printer behind OctoPrint and an ESPHome plug with a card reader, hosted, in virtual time: the real hub, the real machine, the real
 * families; people, electricity and the two devices are played. Nothing of a print is cut by hub, host, network or the owner's leaving.
 */
import { expect, it } from "vitest";
import type { EventBody } from "#contract";
import { foldSessions } from "#core";
import { HostedDevice } from "../../hub/host/hosted-device.ts";
import type { HostedFile } from "../../hub/host/hosted-file.ts";
import { createHostedMachine, type HostedNode } from "../../hub/host/hosted-machine.ts";
import { hostedFamilies } from "../../hub/hosted/hosted.ts";
import { simulateEspHome } from "../../simulators/foreign/esphome.ts";
import type { Line, LineGiven } from "../../simulators/foreign/line.ts";
import { simulateOctoPrint } from "../../simulators/foreign/octoprint.ts";
import { createPlug } from "../../simulators/foreign/plug.ts";
import { createPrinter } from "../../simulators/foreign/printer.ts";
import { plugShellyGen2, type ShellyPlug } from "../../simulators/foreign/shelly.ts";
import { createForeignEars, createForeignPatch } from "../../simulators/foreign/wire.ts";
import type { Scheduler } from "../../simulators/scheduler.ts";
import { createVirtualBuilding } from "../../simulators/virtual-building.ts";
import { goodStanding, resourceRow } from "../../simulators/virtual-facts.ts";
import { silent } from "../../simulators/virtual-parts.ts";
import { virtualSiteId } from "../../simulators/virtual-site.ts";
import { berlin, ends, hour, minute, printerFacts, second, tz } from "./scene.ts";

const node = "printer-node";
const cards = { ada: "04A23B1C5D6E80", bob: "04B23B1C5D6E80" };
const row = (
  account: string,
  family: "esphome" | "octoprint" | "shelly-gen2",
  name: string,
  parts: HostedFile["devices"][number]["parts"],
) => ({ account, family, name, channel: 0, options: {}, parts, secretHash: null }) as const;
const rowsOf = {
  octoprint: [row("plug", "esphome", "plug-1", ["relay", "meter", "reader"]), row("octo", "octoprint", "octoPrint", ["controller"])],
  /** nothing but power tells of the print; cards come from a reader beside */
  shelly: [row("plug", "esphome", "plug-1", ["reader"]), row("shelly", "shelly-gen2", "shelly-1", ["relay", "meter"])],
} as const;
type Behind = keyof typeof rowsOf;
const fileOf = (behind: Behind, deadManS: number): HostedFile => ({
  ...{ site: virtualSiteId, node, kind: "machine", ch: "machine", hub: { url: "mqtts://hub" } },
  ...{ permit: "latching", deadManS, devices: [...rowsOf[behind]] },
});

/** A Shelly on a wire of this process, that gives and takes a printer's mains; each of its words comes twice. */
function shellyOn(given: {
  readonly scheduler: Scheduler;
  readonly wire: ReturnType<typeof createForeignPatch>;
  readonly loadW: () => number;
  readonly mains: (on: boolean) => void;
}): ShellyPlug & { readonly cuts: readonly number[] } {
  const { scheduler, wire, loadW, mains } = given;
  const open = (line: LineGiven): Line => {
    let isUp = false;
    const self: Line = {
      say(topic, payload) {
        for (let copy = 0; isUp && copy < (line.copies ?? 1); copy += 1) wire.publish(topic, payload);
      },
      isUp: () => isUp,
      pull: () => {
        isUp = false;
      },
      plug() {
        isUp = true;
        scheduler.after(0, () => line.onUp(self));
      },
      close: () => Promise.resolve(),
    };
    for (const topic of line.subscribe) wire.subscribe(topic, (heard, payload) => isUp && line.hear(heard, payload));
    self.plug();
    return self;
  };
  const account = { url: "", name: "shelly-1", username: "", password: "", copies: 2 };
  const shelly = plugShellyGen2({ ...account, loadW, periodMs: 6 * second, virtual: { scheduler, stepMs: 6 * second, open } });
  const cuts: number[] = [];
  let was = false;
  const look = (): void => {
    const is = shelly.isOn();
    if (was && !is) cuts.push(scheduler.nowMs());
    was = is;
    mains(is);
    scheduler.after(3 * second, look);
  };
  look();
  return Object.assign(shelly, { cuts });
}

async function space(from: number, behind: Behind = "octoprint", deadManS = 3600) {
  const rows = rowsOf[behind];
  const file = fileOf(behind, deadManS);
  const building = createVirtualBuilding({
    seed: 11,
    startMs: from - 10 * second,
    tz,
    space: {
      ...{ epoch: 1, mode: "normal", schedules: [], lockouts: [], revoked: [] },
      resources: [resourceRow(printerFacts, node, { profile: "fdm" })],
      people: [
        { member: 1, name: "ada", cards: [`iso14443a:${cards.ada}`], facts: { printer: { ...goodStanding, ...ends(from + 6 * hour) } } },
        {
          member: 2,
          name: "bob",
          cards: [`iso14443a:${cards.bob}`],
          facts: { printer: { ...goodStanding, competence: { level: "none", untilMs: null } } },
        },
      ],
    },
    ...{ doors: [], machines: [] },
  });
  const { scheduler, host } = building;
  let life = { alive: false };
  let devices = new Map<HostedFile["devices"][number], HostedDevice>();
  let program: HostedNode | null = null;
  const hears = (at: number) => (topic: string, payload: string) => {
    const device = devices.get(rows[at as 0]);
    if (life.alive) device?.hear({ kind: "mqtt", topic, payload, retained: false });
  };
  const wires = [createForeignPatch(hears(0)), createForeignPatch(hears(1))] as const;
  const printer = createPrinter({ scheduler, seed: 5 });
  const loadW = () => printer.powerW();
  const isAlone = behind === "shelly";
  const plug = createPlug({ scheduler, stepMs: 2000, loadW, onSwitch: (on) => !isAlone && printer.mains(on) });
  printer.mains(false);
  const shelly = isAlone ? shellyOn({ scheduler, wire: wires[1], loadW, mains: (on) => printer.mains(on) }) : null;
  const esp = simulateEspHome({ wire: wires[0], plug, scheduler });
  const octo = simulateOctoPrint({ wire: isAlone ? createForeignEars() : wires[1], printer, scheduler, temperatureMs: 20 * second });
  const start = (): void => {
    const mine = { alive: true };
    life = mine;
    const ports = host.portsOf(node, mine, {});
    devices = new Map(
      rows.map((one, at) => {
        const send = (request: Parameters<ConstructorParameters<typeof HostedDevice>[0]["send"]>[0]) =>
          request.kind === "mqtt" && scheduler.after(20, () => mine.alive && wires[at as 0].say(request.topic, request.payload));
        const address = { name: one.name, channel: 0, options: {} };
        const given = { account: one.account, family: hostedFamilies[one.family], address, deadManS: file.deadManS };
        return [
          one,
          new HostedDevice({
            ...given,
            clock: ports.clock,
            log: silent,
            isRelay: one.parts.some((part) => part === "relay"),
            send: (request) => void send(request),
          }),
        ];
      }),
    );
    program = createHostedMachine(file, ports, devices);
    program.start();
    scheduler.after(3 * second, esp.reconnect); // the connections of the last life are gone with it
  };
  const kill = (): void => {
    life.alive = false;
    host.died(node);
  };
  start();
  await building.pass(20 * second);
  return {
    ...building,
    printer,
    plug,
    shelly,
    esp,
    octo,
    start,
    kill,
    events: (kind: EventBody["kind"]) => building.site.events.filter(({ body }) => body.kind === kind).map(({ body }) => body),
    words: () => building.site.events.flatMap(({ body }) => (body.kind === "mach.job" ? [body.state] : [])),
    sessions: () => [...foldSessions(building.site.events).sessions.values()],
    async tap(who: keyof typeof cards) {
      esp.card(cards[who]);
      await building.pass(5 * second);
    },
    stop: () => program?.stop(),
  };
}

it("a thirty-hour print outlives its owner, her membership, the hub and the host, and ends done, cold and counted", async () => {
  const from = berlin("2027-03-10T18:00");
  const s = await space(from);
  await s.tap("bob");
  expect(s.plug.isOn()).toBe(false);
  await s.tap("ada");
  expect(s.plug.isOn()).toBe(true);
  const cutAt: number[] = [];
  s.plug.onChange((on) => !on && cutAt.push(s.nowMs() - from));
  await s.pass(minute);
  s.printer.start("bridge.gcode", 30 * hour);
  await s.pass(10 * minute);
  await s.tap("ada"); // she leaves; the job goes on
  expect(s.events("mach.session_unattended")).toHaveLength(1);
  await s.pass(6 * hour); // her membership has ended
  s.killHub();
  await s.pass(30 * minute);
  s.startHub();
  await s.tap("bob");
  s.kill();
  await s.pass(20 * minute);
  s.start();
  s.octo.restart();
  await s.pass(22 * hour);
  expect([s.printer.does(), cutAt, s.events("mach.session_closed")]).toEqual(["printing", [], []]);
  await s.pass(2 * hour);
  expect(s.printer.does()).toBe("finished");
  expect(s.plug.isOn()).toBe(false);
  expect(s.words()).toContain("complete");
  const [session, ...more] = s.sessions();
  expect([session?.member, more]).toEqual([1, []]);
  expect(s.events("mach.session_closed")).toMatchObject([{ reason: "job_complete" }]);
  const truth = s.plug.energyWh();
  console.log(`thirty-hour print: ${session?.energyWh.toFixed(0)} Wh in the log, ${truth.toFixed(0)} Wh at the plug`);
  expect(Math.abs((session?.energyWh ?? 0) - truth)).toBeLessThan(truth * 0.005);
  await s.stop();
}, 240_000);

it("a thirty-hour print behind a Shelly that tells of nothing but power outlives all that too, its dead-man of eighteen hours, and its Wi-Fi", async () => {
  const from = berlin("2027-03-10T18:00");
  const s = await space(from, "shelly", 64_800);
  const { shelly } = s;
  if (shelly === null) throw new Error("no plug");
  await s.tap("bob");
  expect(shelly.isOn()).toBe(false);
  await s.tap("ada");
  expect(shelly.isOn()).toBe(true);
  await s.pass(minute);
  s.printer.start("bridge.gcode", 30 * hour);
  await s.pass(10 * minute);
  await s.tap("ada");
  expect(s.events("mach.session_unattended")).toHaveLength(1);
  await s.pass(6 * hour); // her membership has ended
  shelly.loseNetwork(3 * minute);
  await s.pass(10 * minute);
  s.killHub();
  await s.pass(30 * minute);
  s.startHub();
  await s.tap("bob");
  s.kill();
  await s.pass(20 * minute);
  s.start();
  await s.pass(22 * hour);
  expect([s.printer.does(), shelly.cuts, s.events("mach.session_closed")]).toEqual(["printing", [], []]);
  await s.pass(2 * hour);
  expect([s.printer.does(), shelly.isOn(), shelly.cuts.length]).toEqual(["finished", false, 1]);
  const [session, ...more] = s.sessions();
  expect([session?.member, more, session?.jobs]).toEqual([1, [], undefined]);
  expect(s.events("mach.session_closed")).toMatchObject([{ reason: "job_complete" }]);
  const truth = shelly.truthWh();
  console.log(`thirty-hour print by power alone: ${session?.energyWh.toFixed(0)} Wh in the log, ${truth.toFixed(0)} Wh at the plug`);
  expect(Math.abs((session?.energyWh ?? 0) - truth)).toBeLessThan(truth * 0.005);
  await s.stop();
}, 240_000);

it("a print that stopped by M112 says nothing more: the meter ends what nobody told the end of, as unknown", async () => {
  const from = berlin("2027-03-10T18:00");
  const s = await space(from);
  await s.tap("ada");
  await s.pass(minute);
  s.printer.start("a.gcode", 3 * hour);
  await s.pass(30 * minute);
  await s.tap("ada");
  s.printer.lose();
  await s.pass(minute);
  expect(s.plug.isOn()).toBe(true);
  await s.pass(hour);
  expect([s.plug.isOn(), s.words().at(-1)]).toEqual([false, "unknown"]);
  const [session] = s.sessions();
  expect(session?.jobs?.map(({ state }) => state)).toEqual(["unknown"]);
  await s.stop();
}, 120_000);

it("an old end is no job of the next session, also when OctoPrint starts again", async () => {
  const from = berlin("2027-03-10T18:00");
  const s = await space(from);
  await s.tap("ada");
  await s.pass(minute);
  s.printer.start("a.gcode", 20 * minute);
  await s.pass(2 * hour);
  expect(s.words().filter((word) => word !== "unknown")).toEqual(["running", "complete"]);
  await s.tap("ada"); // stays or goes: the printer is idle
  await s.pass(hour);
  expect(s.plug.isOn()).toBe(false);
  s.octo.restart();
  await s.tap("ada");
  await s.pass(10 * minute);
  expect(s.words().filter((word) => word === "complete" || word === "running")).toEqual(["running", "complete"]);
  expect(s.sessions().flatMap(({ jobs }) => jobs ?? [])).toHaveLength(1);
  await s.stop();
}, 120_000);
