/** Families that describe themselves, and documents with published rules. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEmon } from "../../../hub/hosted/emontx.ts";
import { parseEspRfid } from "../../../hub/hosted/esp-rfid.ts";
import { parseEspHome } from "../../../hub/hosted/esphome.ts";
import { parseDiscovery, valueAt } from "../../../hub/hosted/home-assistant.ts";
import { effectiveStates, parseHomie } from "../../../hub/hosted/homie.ts";
import { readJsonPathMap } from "../../../hub/hosted/json-path.ts";
import { transitions, validity } from "../../../hub/hosted/space-api.ts";
import { isNextSeq, parseSparkplug } from "../../../hub/hosted/sparkplug.ts";

describe("Home Assistant discovery", () => {
  it.each([
    ["~/state", "base/dev/state"],
    ["cmnd/~", "cmnd/base/dev"],
    ["a/~/b", "a/~/b"],
  ])("puts the base into %s at an end only", (given, expanded) => {
    const payload = JSON.stringify({ "~": "base/dev", stat_t: given });
    expect(parseDiscovery("homeassistant/sensor/x/config", payload)).toMatchObject({ stateTopic: expanded });
  });
  it.each([
    ["{{ value_json.ENERGY.Power }}", "ENERGY.Power"],
    ["{{value_json.output}}", "output"],
    ["{%if value_json.output%}on{%else%}off{%endif%}", undefined],
    ["{{ value_json.a | float * 10 }}", undefined],
  ])("runs no more of %s than a path", (template, path) => {
    const found = parseDiscovery("homeassistant/sensor/n/x/config", JSON.stringify({ value_template: template }));
    expect(found).toMatchObject({ kind: "entity", node: "n", object: "x", valueTemplate: template });
    expect((found as { jsonPath?: string }).jsonPath).toBe(path);
  });
  it("takes an entity away by an empty message", () => {
    expect(parseDiscovery("homeassistant/switch/x/config", "")).toEqual({ kind: "removed", component: "switch", object: "x" });
  });
  it("finds nothing behind an inherited name", () => {
    expect(valueAt({ a: [{ b: 1 }] }, "a.0.b")).toBe(1);
    expect(valueAt({}, "constructor.name")).toBeUndefined();
  });
});

describe("esp-rfid", () => {
  it("decides for each relay of a board", () => {
    const tap = {
      type: "access",
      isKnown: "true",
      access: ["Always", "Disabled"],
      doorName: ["front", "back"],
      uid: "4755ca35",
      username: "Kim",
    };
    const message = parseEspRfid("rfid/send", JSON.stringify(tap));
    expect(message).toMatchObject({
      passes: [
        { granted: true, door: "front" },
        { granted: false, door: "back" },
      ],
      uid: "4755CA35",
      door: null,
    });
    expect(JSON.stringify(message)).not.toContain("Kim");
  });
  it("acknowledges a revocation", () => {
    expect(parseEspRfid("rfid/send", '{"type":"deletuid","hostname":"door-1"}')).toEqual({
      kind: "done",
      command: "deletuid",
      door: "door-1",
    });
  });
});

describe("ESPHome", () => {
  it.each([
    ["laser/sensor/power/state", "812.5", { kind: "sensor", object: "power", value: 812.5 }],
    ["laser/sensor/power/state", "nan", { kind: "sensor", object: "power", value: null }],
    ["laser/switch/relay/command", "OFF", { kind: "command", object: "relay", on: false, value: "OFF" }],
    ["door/binary_sensor/motion/state", "OFF", { kind: "contact", object: "motion", on: false, isDoor: false }],
    ["door/tag_scanned", "E9-F3-59-59", { kind: "card", uid: "E9F35959" }],
    ["door/tag_scanned", "hello", { kind: "invalid", why: "no card number in hexadecimal" }],
  ])("%s %s", (topic, payload, message) => expect(parseEspHome(topic, payload)).toEqual(message));
});

describe("Homie", () => {
  it("takes children along when their root is lost, and only its own", () => {
    const states = effectiveStates(
      [
        ["homie/5/light1/$description", '{"homie":"5.0","version":1,"parent":"bridge","root":"bridge"}'],
        ["homie/5/light1/$state", "ready"],
        ["homie/5/other/$state", "ready"],
        ["homie/5/bridge/$state", "lost"],
      ].map(([topic = "", payload = ""]) => parseHomie(topic, payload)),
    );
    expect(Object.fromEntries(states)).toEqual({ light1: "lost", other: "ready", bridge: "lost" });
  });
  it.each([
    ["true", true],
    ["off", "off"],
    ["\u0000", ""],
    ["", null],
    ["-3.5", -3.5],
    ["nan", "nan"],
  ])("reads the value %j as %j", (payload, value) => {
    expect(parseHomie("homie/5/a/b/c", payload)).toMatchObject({ kind: "value", value });
  });
});

describe("Sparkplug", () => {
  it("wraps after 255, and everything else is a gap", () => {
    expect([isNextSeq(254, 255), isNextSeq(255, 0), isNextSeq(255, 1), isNextSeq(3, 3)]).toEqual([true, true, false, false]);
  });
  it.each([
    ["a negative Int32", "12 10 0A 01 61 20 03 50 FF FF FF FF FF FF FF FF FF 01", { name: "a", value: -1 }],
    ["a null", "12 07 0A 01 61 20 03 38 01", { name: "a", value: null }],
    ["an alias", "12 06 10 05 20 0B 70 01", { alias: 5n, value: true }],
    ["a 64-bit number beyond 2^53", "12 0D 20 08 58 FF FF FF FF FF FF FF FF FF 01", { value: 2n ** 64n - 1n }],
  ])("reads %s", (_what, hex, metric) => {
    expect(parseSparkplug(bytes(hex))?.metrics).toEqual([metric]);
  });
  it("refuses bytes that end inside a field, and never throws", () => {
    expect(parseSparkplug(bytes("12 FF"))).toBeUndefined();
    expect(parseSparkplug(bytes("12 06 0A 09 61"))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (random) => void parseSparkplug(random)),
      { numRuns: 300 },
    );
  });
});
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

describe("emonTx", () => {
  it.each(["OK 10 1 2 3", "OK 10 256 0", "OK", "OK x 1 2", "[1,2,3]", "ct1:x", "hello"])("%j is refused", (line) => {
    expect(parseEmon("", line)).toMatchObject({ kind: "invalid" });
  });
  it("has no temperature where its number stands for a missing sensor", () => {
    expect(parseEmon("", "ct1:5,t1:19.12,t2:300")).toMatchObject({ clampsW: [5], temperaturesC: [19.12, null] });
  });
});

describe("SpaceAPI", () => {
  const minimal = { space: "a", logo: "b", url: "c", contact: {} };
  it("is 15 and 14 at once when both are promised and kept", () => {
    const document = { ...minimal, api_compatibility: ["14", "15"], location: { lat: 1, lon: 2 } };
    expect(validity(document)).toMatchObject({ "14": true, "15": true });
    expect(validity({ ...document, state: { open: null } })).toMatchObject({
      "14": true,
      "15": "state/open: None is not of type 'boolean'",
    });
  });
  it.each([
    [{ location: {} }, "location: {} does not have enough properties"],
    [{ cam: [] }, "cam: [] is too short"],
    [{ linked_spaces: [{ name: "x" }] }, "linked_spaces/0: {'name': 'x'} is not valid under any of the given schemas"],
    [
      { sensors: { power_consumption: [{ value: 1, unit: "kW", location: "l" }] } },
      "sensors/power_consumption/0/unit: 'kW' is not one of ['W', 'VA']",
    ],
    [
      { sensors: { network_traffic: [{ properties: { bits_per_second: { value: -1 } } }] } },
      "sensors/network_traffic/0/properties/bits_per_second/value: -1 is less than the minimum of 0",
    ],
    [{ space: "it's" }, true],
    [{ space: 7 }, "space: 7 is not of type 'string'"],
  ])("%j: %s", (extra, said) => expect(validity({ ...minimal, api_compatibility: ["15"], ...extra })["15"]).toBe(said));
  it("counts real transitions only", () => {
    const reports = [true, false, false, true].map((open, i) => ({ atS: i, open }));
    expect(transitions(reports).map(({ atS }) => atS)).toEqual([0, 1, 3]);
  });
});

it.each([
  [{}, '"paths" is missing'],
  [{ paths: { a: 1 } }, "a path is no text"],
  [{ paths: { a: "b" }, factors: { a: "x" } }, "a factor is no number"],
  [{ paths: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, "b"])) }, "more than 32 paths"],
])("a map of paths %# is refused with its reason", (map, why) => {
  expect(readJsonPathMap(map)).toEqual({ why: expect.stringContaining(why) });
});
