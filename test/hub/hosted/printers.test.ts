/** Printers and lasers: what they do now, what happened since, and what an old end is not. */
import { describe, expect, it } from "vitest";
import { mergeBambu, parseBambu } from "../../../hub/hosted/bambu.ts";
import { parseGrbl } from "../../../hub/hosted/grbl.ts";
import { isInUse, jobEvents } from "../../../hub/hosted/job.ts";
import { parseMoonraker } from "../../../hub/hosted/moonraker.ts";
import { countJobEnds, parseOctoPrint } from "../../../hub/hosted/octoprint.ts";
import { parsePrusaLink } from "../../../hub/hosted/prusalink.ts";
import { parseRuida, swizzle, unswizzle } from "../../../hub/hosted/ruida.ts";

describe("the job of a printer", () => {
  it.each([
    ["an old end that is still there when the hub comes", ["finished"], []],
    ["the same end said again", ["printing", "finished", "finished"], ["job_end finished"]],
    [
      "a whole job",
      ["idle", "preparing", "printing", "paused", "printing", "finished"],
      ["job_start", "job_pause", "job_resume", "job_end finished"],
    ],
    ["a new job right after an old one", ["finished", "printing", "error"], ["job_start", "job_end error"]],
    ["a job that is only gone", ["printing", "idle"], ["job_end unknown"]],
    ["a connection that comes and goes", ["printing", "offline", "printing"], []],
    ["parts that say nothing of the job", ["printing", undefined, "printing"], []],
  ] as const)("%s", (_what, states, events) => {
    expect(jobEvents(states).map((event) => (event.kind === "job_end" ? `job_end ${event.result}` : event.kind))).toEqual(events);
  });
  it.each([
    ["printing", true],
    ["paused", true],
    ["attention", true],
    ["busy", true],
    ["finished", false],
    ["error", false],
    ["offline", false],
  ] as const)("%s: in use is %s", (state, used) => expect(isInUse(state)).toBe(used));
});

describe("OctoPrint", () => {
  const heard = (...messages: readonly (readonly [string, string])[]) => messages.map(([topic, payload]) => parseOctoPrint(topic, payload));
  it("ends a job once, however often it says so", () => {
    const end = ["o/progress/printing", '{"progress":100}'] as const;
    const cancelled = ["o/event/PrintCancelled", "{}"] as const;
    const failed = ["o/event/PrintFailed", '{"reason":"cancelled"}'] as const;
    expect(countJobEnds(heard(end, end, ["o/event/PrintDone", '{"time":1}']))).toBe(1);
    expect(countJobEnds(heard(["o/event/PrintStarted", "{}"], cancelled, failed, ["o/event/PrintStarted", "{}"], end))).toBe(2);
  });
  it.each([
    ["PrintCancelled", "{}", "cancelled"],
    ["PrintFailed", '{"reason":"cancelled"}', "cancelled"],
    ["PrintFailed", '{"reason":"error"}', "failed"],
    ["PrintDone", "null", "done"],
  ])("%s %s ended %s", (event, payload, result) => {
    expect(parseOctoPrint(`o/event/${event}`, payload)).toEqual({ kind: "job_end", result });
  });
});

describe("Klipper", () => {
  it("has lost its job after a shutdown, whatever print_stats said", () => {
    expect(parseMoonraker("ws", '{"jsonrpc":"2.0","method":"notify_klippy_shutdown"}')).toEqual({ kind: "klippy", klippy: "shutdown" });
  });
  it("gives the figures of a finished job", () => {
    const params = [{ action: "finished", job: { status: "completed", filename: "a.gcode", print_duration: 18.4, filament_used: 120 } }];
    expect(parseMoonraker("ws", JSON.stringify({ method: "notify_history_changed", params }))).toEqual({
      kind: "history",
      action: "finished",
      status: "completed",
      file: "a.gcode",
      printS: 18.4,
      filamentMm: 120,
    });
  });
  it("reads a query wrapped in its result", () => {
    const answer = {
      result: { eventtime: 5, status: { print_stats: { state: "paused", info: { current_layer: 3, total_layer: null } } } },
    };
    expect(parseMoonraker("HTTP", JSON.stringify(answer))).toMatchObject({ status: { state: "paused", layer: 3, totalLayers: null } });
  });
});

describe("PrusaLink", () => {
  it("counts its legacy progress from 0 to 1 and the new one to 100", () => {
    expect(parsePrusaLink("GET /api/job", '{"state":"Printing","progress":{"completion":0.88}}')).toMatchObject({ job: { percent: 88 } });
    expect(parsePrusaLink("GET /api/v1/job", '{"id":3,"state":"PAUSED","progress":0.5}')).toMatchObject({
      state: "paused",
      job: { percent: 0.5 },
    });
  });
  it("has no temperatures where none were sent", () => {
    expect(parsePrusaLink("GET /api/v1/status", '{"printer":{"state":"STOPPED"}}')).toEqual({
      kind: "status",
      state: "cancelled",
      job: null,
      temperatures: null,
    });
  });
});

describe("Bambu", () => {
  const report = (print: object) => {
    const message = parseBambu("device/x/report", JSON.stringify({ print }));
    if (message.kind !== "report") throw new Error(message.kind);
    return message;
  };
  it("keeps its state when a part says only that its print type is idle", () => {
    const merged = mergeBambu(report({ gcode_state: "RUNNING", mc_percent: "43", msg: 0 }), report({ print_type: "idle", msg: 1 }));
    expect(merged).toMatchObject({ state: "printing", percent: 43 });
  });
  it("has no chamber and no stage where its numbers stand for none", () => {
    expect(report({ chamber_temper: 5, stg_cur: 255 })).toMatchObject({ chamberC: null, stage: null });
    expect(report({ chamber_temper: 36, stg_cur: 14 })).toMatchObject({ chamberC: 36, stage: 14 });
  });
  it("tells that a laser is fitted", () => {
    expect(report({ device: { ext_tool: { mount: 1, type: "LB00" } } })).toMatchObject({ laserModule: true });
    expect(report({ device: { ext_tool: { mount: 0, type: "LB00" } } })).toMatchObject({ laserModule: false });
    expect(report({})).not.toHaveProperty("laserModule");
  });
});

describe("GRBL", () => {
  it.each([
    ["<Hold:0|MPos:0.000,0.000,0.000|FS:0,0>", { state: "paused", energised: false }],
    ["<Door:2|MPos:0.000,0.000,0.000|FS:0,500>", { state: "door open, stopping", energised: null }],
    ["<Home|MPos:0.000,0.000,0.000|F:100>", { state: "homing", feed: 100, energised: null }],
    ["<Run|FS:800,1000|A:F>", { state: "running", energised: false }],
  ])("%s", (line, status) => expect(parseGrbl(line)).toMatchObject({ kind: "status", ...status }));
  it.each(["<Run|MPos:1", "<Flying|FS:0,0>", "garbage", "", "[MSG"])("%j is no line of it", (line) => {
    expect(parseGrbl(line)).toMatchObject({ kind: "invalid" });
  });
  it.each([
    ["error:9", { kind: "error", code: 9 }],
    ["$32=1", { kind: "setting", number: 32, value: 1 }],
    ["[MSG:Caution: Unlocked]", { kind: "event", event: "unlocked" }],
  ])("%s", (line, said) => expect(parseGrbl(line)).toEqual(said));
});

describe("Ruida", () => {
  it("unswizzles what it swizzles, with every magic", () => {
    for (const magic of [0x00, 0x11, 0x33, 0x88, 0xff]) {
      for (let byte = 0; byte < 0x100; byte += 1) expect(unswizzle(swizzle(byte, magic), magic)).toBe(byte);
    }
  });
  it("reads the status word of an answer", () => {
    const plain = [0xda, 0x01, 0x04, 0x00, 0x00, 0x08, 0x00, 0x00, 0x01];
    const bytes = Uint8Array.from(plain, (byte) => swizzle(byte, 0x88));
    expect(parseRuida(bytes)).toMatchObject({ status: { moving: true, partEnd: false, jobRunning: true } });
  });
});
