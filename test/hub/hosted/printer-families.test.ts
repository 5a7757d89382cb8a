/** Printers behind a machine: what their words become, whole jobs by the simulated printers, and what is no news. */
import { describe, expect, it } from "vitest";
import type { JobState as JobWord } from "#contract";
import { nextJob } from "#core/job.ts";
import { bambuFamily } from "../../../hub/hosted/bambu-family.ts";
import type { DeviceAddress, Heard, HostedFamily, Sense } from "../../../hub/hosted/family.ts";
import { recogniseDevice } from "../../../hub/hosted/hosted.ts";
import { type JobState, machineJob, nothingTold } from "../../../hub/hosted/job.ts";
import { moonrakerFamily } from "../../../hub/hosted/moonraker-family.ts";
import { octoPrintFamily } from "../../../hub/hosted/octoprint-family.ts";
import { prusaLinkFamily } from "../../../hub/hosted/prusalink-family.ts";
import { simulateMoonraker } from "../../../simulators/foreign/moonraker.ts";
import { simulateOctoPrint } from "../../../simulators/foreign/octoprint.ts";
import { createPrinter, type Printer } from "../../../simulators/foreign/printer.ts";
import { createForeignEars } from "../../../simulators/foreign/wire.ts";
import { createVirtualScheduler } from "../../../simulators/scheduler.ts";
import { testFamily } from "../../support/family-suite.ts";

const at = (name: string, options: Readonly<Record<string, string>> = {}): DeviceAddress => ({ name, channel: 0, options });
const serial = "01P00A000000001";

testFamily({
  family: octoPrintFamily,
  fixture: "octoprint_mqtt",
  addressOf: (topic) => (topic.includes("/") ? at(topic.split("/")[0] ?? "") : null),
  address: at("octoPrint"),
  knows: [],
});
testFamily({
  family: moonrakerFamily,
  fixture: "moonraker",
  addressOf: (topic) => (topic.startsWith("printer1/") ? at("printer1") : null),
  address: at("printer1"),
  knows: ["ask"],
});
testFamily({
  family: prusaLinkFamily,
  fixture: "prusalink",
  addressOf: (topic) => (topic.startsWith("GET ") ? at("http://printer", { password: "x" }) : null),
  answerOf: (topic, body) => ({ kind: "http", path: topic.replace(/^GET /, "").split(" ")[0] ?? "", status: 200, body }),
  address: at("http://printer", { password: "x" }),
  knows: [],
});
testFamily({
  family: bambuFamily,
  fixture: "bambu",
  addressOf: (topic) => (topic.endsWith("/report") ? at("printer", { serial: "<SERIAL>", accessCode: "x" }) : null),
  address: at("printer", { serial, accessCode: "x" }),
  knows: ["ask"],
});

const statesOf = (senses: readonly Sense[]): JobState[] => senses.flatMap((sense) => (sense.kind === "job" ? [sense.state] : []));
/** what the machine hears of it: the words of its log, one for each change */
const eventsOf = (senses: readonly Sense[]): JobWord[] => {
  const words: JobWord[] = [];
  let now: JobWord = "none";
  let told = nothingTold;
  for (const state of statesOf(senses)) {
    told = machineJob(told, state);
    const next = nextJob(now, told.word);
    if (next !== now) words.push(next);
    now = next;
  }
  return words;
};

function hearing(family: HostedFamily, address: DeviceAddress) {
  const device = family.open(address);
  const senses: Sense[] = [];
  const hear = (heard: Heard, nowMs: number) => {
    const said = device.hear(heard, nowMs);
    senses.push(...said);
    return said;
  };
  const hears = (topic: string, payload: string, nowMs = 0, retained = false) => hear({ kind: "mqtt", topic, payload, retained }, nowMs);
  return { senses, hear, hears };
}

/** A printer in virtual time, and everything that its dialect said, heard by its family in order. */
async function played(
  dialect: "octoprint" | "moonraker" | "moonraker split",
  play: (printer: Printer, wait: (forMs: number) => Promise<void>) => Promise<void>,
) {
  const scheduler = createVirtualScheduler();
  const wire = createForeignEars();
  const printer = createPrinter({ scheduler, seed: 3, warmUpMs: 60_000 });
  const octo = dialect === "octoprint";
  const from = octo
    ? simulateOctoPrint({ wire, printer, scheduler, base: "p", temperatureMs: 5000 })
    : simulateMoonraker({ wire, printer, scheduler, instance: "p", split: dialect === "moonraker split", reportMs: 5000 });
  const heard = hearing(octo ? octoPrintFamily : moonrakerFamily, at("p"));
  let cursor = 0;
  const wait = async (forMs: number) => {
    const untilMs = scheduler.nowMs() + forMs;
    while (scheduler.nowMs() < untilMs) {
      await scheduler.advanceTo(Math.min(untilMs, scheduler.nowMs() + 2500));
      for (const { topic, payload } of wire.said.slice(cursor)) heard.hears(topic, payload, scheduler.nowMs());
      cursor = wire.said.length;
    }
  };
  await wait(2000);
  await play(printer, wait);
  return { ...heard, from, wire };
}

describe.each(["octoprint", "moonraker", "moonraker split"] as const)("a whole job told by %s", (dialect) => {
  it.each([
    ["finished", ["running", "paused", "running", "complete"]],
    ["cancelled", ["running", "paused", "running", "cancelled"]],
    ["failed", ["running", "paused", "running", "error"]],
  ] as const)("that is %s has one beginning and one end", async (how, events) => {
    const { senses } = await played(dialect, async (printer, wait) => {
      printer.start("vase.gcode", 600_000);
      await wait(200_000);
      printer.pause();
      await wait(30_000);
      printer.resume();
      await wait(60_000);
      if (how === "cancelled") printer.cancel();
      if (how === "failed") printer.fail();
      await wait(700_000);
    });
    const words = eventsOf(senses);
    expect(words.slice(0, 4)).toEqual(events);
    expect(words.slice(4).filter((word) => word !== "unknown" && word !== "none")).toEqual([]); // a failed one may be gone after it
    const last = senses.filter((sense) => sense.kind === "job").at(-1);
    expect(last).toMatchObject({ percent: null, remainingS: null }); // no figures of a job that is over
    expect(last?.tempC).toBeLessThan(215);
  });
});

describe("OctoPrint as a controller", () => {
  it("says nothing more after M112: its silence tells", async () => {
    const { senses } = await played("octoprint", async (printer, wait) => {
      printer.start("vase.gcode", 600_000);
      await wait(200_000);
      printer.lose();
      await wait(600_000);
    });
    expect(eventsOf(senses)).toEqual(["running"]);
    expect(statesOf(senses).at(-1)).toBe("printing");
  });
  it("takes no word that was kept, or comes late, for a job", () => {
    const octo = hearing(octoPrintFamily, at("p"));
    const printing = '{"path":"a.gcode","progress":42}';
    expect(octo.hears("p/progress/printing", printing, 0, true)).toEqual([]);
    octo.hears("p/event/PrintStarted", '{"name":"a.gcode"}', 1000);
    octo.hears("p/event/PrintDone", '{"name":"a.gcode","time":5}', 2000);
    octo.hears("p/progress/printing", printing, 3000); // a message before the end, sent again
    octo.hears("p/event/PrinterStateChanged", '{"state_id":"OPERATIONAL"}', 4000);
    expect(eventsOf(octo.senses)).toEqual(["running", "complete"]);
    octo.hears("p/progress/printing", printing, 60_000); // of the next job, whose start nobody heard
    expect(eventsOf(octo.senses)).toEqual(["running", "complete", "running"]);
  });
  it("waits a moment for how a job ended when it is ready in the middle of one", () => {
    for (const [word, end] of [
      ["PrintDone", "complete"],
      ["Startup", "none"],
    ]) {
      const octo = hearing(octoPrintFamily, at("p"));
      octo.hears("p/event/PrintStarted", '{"name":"a.gcode"}');
      octo.hears("p/event/PrinterStateChanged", '{"state_id":"OPERATIONAL"}', 1000);
      octo.hears(`p/event/${word}`, "null", 1500);
      octo.hears("p/temperature/tool0", '{"actual":180,"target":0}', 6000);
      expect(eventsOf(octo.senses)).toEqual(["running", end]);
    }
  });
});

describe("Klipper as a controller", () => {
  const stats = (state: string) => JSON.stringify({ eventtime: 1, status: { print_stats: { state } } });
  it("has lost its job after a shutdown, and none when it is ready again", async () => {
    const { senses, hears } = await played("moonraker", async (printer, wait) => {
      printer.start("vase.gcode", 600_000);
      await wait(200_000);
      printer.lose();
      await wait(10_000);
    });
    expect(eventsOf(senses)).toEqual(["running", "error"]);
    hears("p/klipper/status", '{"status":{"webhooks":{"state":"ready"},"print_stats":{"state":"standby"}}}');
    expect(statesOf(senses).at(-1)).toBe("idle");
  });
  it("answers a hub that was away with everything, and an old end is no news", async () => {
    const { wire, from } = await played("moonraker", async (printer, wait) => {
      printer.start("vase.gcode", 60_000);
      await wait(300_000);
    });
    expect(from).toHaveProperty("instance", "p");
    const [request] = moonrakerFamily.orders({ kind: "ask" }, at("p"));
    if (request?.kind !== "mqtt") throw new Error("no request");
    wire.say(request.topic, request.payload);
    const answer = wire.said.at(-1);
    const later = hearing(moonrakerFamily, at("p"));
    later.hears(answer?.topic ?? "", answer?.payload ?? "");
    expect(statesOf(later.senses)).toEqual(["finished"]);
    expect(eventsOf(later.senses)).toEqual([]);
  });
  it("keeps what a part does not say", () => {
    const klipper = hearing(moonrakerFamily, at("p"));
    klipper.hears("p/klipper/status", stats("printing"));
    const [sense] = klipper.hears("p/klipper/status", '{"status":{"extruder":{"temperature":214.9}}}');
    expect(sense).toMatchObject({ kind: "job", state: "printing", tempC: 214.9 });
  });
});

describe("PrusaLink as a controller", () => {
  const answer = (status: number, body = ""): Heard => ({ kind: "http", path: "/api/v1/status", status, body });
  it("is away after three silences, and back with the first answer", () => {
    const prusa = hearing(prusaLinkFamily, at("http://p", { password: "x" }));
    const idle = '{"printer":{"state":"IDLE","temp_nozzle":25}}';
    for (const heard of [
      answer(200, idle),
      answer(0),
      answer(0),
      answer(200, idle),
      answer(0),
      answer(500),
      answer(401),
      answer(200, idle),
    ])
      prusa.hear(heard, 0);
    expect(prusa.senses.flatMap((sense) => (sense.kind === "availability" ? [sense.online] : []))).toEqual([true, false, true]);
  });
  it("keeps its percent while it waits for a person, for it says 0.00 then", () => {
    const prusa = hearing(prusaLinkFamily, at("http://p", { password: "x" }));
    prusa.hear(answer(200, '{"job":{"id":7,"progress":55},"printer":{"state":"PRINTING"}}'), 0);
    const [sense] = prusa.hear(answer(200, '{"job":{"id":7,"progress":0.00},"printer":{"state":"ATTENTION"}}'), 5000);
    expect(sense).toMatchObject({ state: "attention", job: "7", percent: 55, remainingS: null });
  });
});

describe("a printer that keeps its last end", () => {
  const wordsFor = (states: readonly JobState[]) =>
    eventsOf(states.map((state) => ({ kind: "job", state, job: null, percent: null, remainingS: null })));
  it.each([
    ["is no news to a hub that comes", ["finished", "finished"], []],
    [
      "is none when the printer comes back, from its own silence too",
      ["printing", "finished", "offline", "finished"],
      ["running", "complete", "unknown", "none"],
    ],
    ["is one when the job was open before the silence", ["printing", "offline", "finished"], ["running", "unknown", "complete"]],
    ["is one however often it is told", ["printing", "error", "error", "idle"], ["running", "error", "none"]],
    [
      "counts for a job that moves in its middle",
      ["printing", "busy", "printing", "attention", "cancelled"],
      ["running", "unknown", "running", "paused", "cancelled"],
    ],
  ] as const)("%s", (_what, states, words) => expect(wordsFor(states)).toEqual(words));
});

describe("Bambu as a controller", () => {
  const told = (prints: readonly object[]) => {
    const bambu = hearing(bambuFamily, at("p", { serial, accessCode: "x" }));
    for (const print of prints) bambu.hears(`device/${serial}/report`, JSON.stringify({ print }));
    return bambu.senses;
  };
  it("says nothing of a job until it was told the whole, then merges parts", () => {
    expect(told([{ mc_percent: 3, msg: 1 }])).toEqual([]);
    const senses = told([
      { gcode_state: "RUNNING", mc_percent: "43", mc_remaining_time: 518, msg: 0 },
      { nozzle_temper: 220, msg: 1 },
      { print_type: "idle" },
    ]);
    expect(senses.at(-1)).toEqual({ kind: "job", state: "printing", job: null, percent: 43, remainingS: 31_080, tempC: 220 });
  });
  it("has no time left over from a job that failed long ago (recorded: 759 minutes)", () => {
    expect(told([{ gcode_state: "FAILED", mc_remaining_time: 759, mc_percent: 0 }])).toEqual([
      { kind: "job", state: "error", job: null, percent: null, remainingS: null, tempC: null },
    ]);
  });
  it("tells once that a laser is fitted", () => {
    const laser = { gcode_state: "IDLE", device: { ext_tool: { mount: 1, type: "LB00" } } };
    const none = { device: { ext_tool: { mount: 0, type: "" } } };
    expect(told([laser, laser, none]).filter(({ kind }) => kind === "tool")).toEqual([
      { kind: "tool", tool: "laser" },
      { kind: "tool", tool: "extruder" },
    ]);
  });
});

describe("a printer that talks while somebody discovers", () => {
  it.each([
    ["octopi/mqtt", "connected", { family: "octoprint", name: "octopi" }],
    ["print/bench/progress/printing", '{"progress":4}', { family: "octoprint", name: "print/bench" }],
    ["octopi/event/PrintStarted", "{}", { family: "octoprint", name: "octopi" }],
    ["voron/moonraker/status", '{"server":"online"}', { family: "moonraker", name: "voron" }],
    ["voron/klipper/state/print_stats/state", '{"value":"standby"}', { family: "moonraker", name: "voron" }],
    ["voron/moonraker/api/request", "{}", null],
    ["somebody/mqtt", "hello", null],
  ])("%s %s", (topic, payload, found) => expect(recogniseDevice(topic, payload)).toEqual(found));
});
