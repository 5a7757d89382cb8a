/** Plugs and relays of foreign families: counters that fall, zeros that lie, nulls that stay nulls, parts that are merged. */
import { describe, expect, it } from "vitest";
import { walkCounter } from "../../../hub/hosted/energy.ts";
import { numberText } from "../../../hub/hosted/json.ts";
import { countRuns, machineOnW, smallLoad, trapezoidWh } from "../../../hub/hosted/power-run.ts";
import { parseShellyGen1 } from "../../../hub/hosted/shelly-gen1.ts";
import { mergeSwitch, parseShellyGen2 } from "../../../hub/hosted/shelly-gen2.ts";
import { parseTasmota, parseTasmotaTopic, phaseSum } from "../../../hub/hosted/tasmota.ts";
import { parseZigbee } from "../../../hub/hosted/zigbee2mqtt.ts";

describe("a counter", () => {
  it("that falls sets a new baseline and never counts backwards, also when it falls only in part", () => {
    expect(walkCounter([183_360, 181_522, 181_600])).toEqual({ deltasWh: [0, 78], didReset: true, sinceResetWh: 78, spanWh: -1760 });
  });
  it("that was not heard for a while counts once, when it comes back", () => {
    expect(walkCounter([10, null, undefined, 25]).deltasWh).toEqual([15]);
    expect(walkCounter([null])).toEqual({ deltasWh: [], didReset: false, sinceResetWh: 0, spanWh: 0 });
  });
});

describe("power over time", () => {
  const at = (second: number, powerW: number | null) => ({ atMs: second * 1000, powerW });
  it("that drops to an isolated zero is one run, and a plain threshold would count more", () => {
    expect(countRuns([at(0, 5), at(1, 0), at(32, 5), at(33, 0), at(52, 5)], smallLoad)).toEqual({ runs: 1, naiveRuns: 3 });
  });
  it("that stays away for the hold is two runs", () => {
    expect(countRuns([at(0, 900), at(10, 0), at(71, 0), at(80, 900)], smallLoad).runs).toBe(2);
  });
  it("of waiting electronics is no run of a machine", () => {
    expect(countRuns([at(0, 7), at(4, 3), at(153, 7)], { onW: machineOnW, holdMs: 60_000 }).runs).toBe(0);
  });
  it("is integrated only where both ends are known", () => {
    expect(trapezoidWh([at(0, 100), at(3600, 100), at(7200, null), at(10_800, 100)])).toBe(100);
    expect(trapezoidWh([at(0, 100)])).toBeNull();
  });
});

it.each([
  ["21.5", 21.5],
  [" -3 ", -3],
  ["1e3", 1000],
  ["nan", null],
  ["NaN", null],
  ["null", null],
  ["unavailable", null],
  ["", undefined],
  ["0x10", undefined],
  ["Infinity", undefined],
  ["1e999", undefined],
  ["12 W", undefined],
])("the payload %j is the number %j", (text, value) => expect(numberText(text)).toBe(value));

describe("Tasmota", () => {
  it.each([
    ["tele/plug/SENSOR", { prefix: "tele", name: "plug", leaf: "SENSOR" }],
    ["house/plug/tele/STATE", { prefix: "tele", name: "house/plug", leaf: "STATE" }],
    ["plug/SENSOR", undefined],
  ])("finds the prefix anywhere in %s", (topic, parsed) => expect(parseTasmotaTopic(topic)).toEqual(parsed));
  it("keeps phases apart, and has no sum when one is unknown", () => {
    const message = parseTasmota("tele/x/SENSOR", '{"ENERGY":{"Power":[10,null,5],"Total":[1,2,3],"Voltage":[230,"x",231]}}');
    expect(message).toEqual({ kind: "meter", powerW: [10, null, 5], totalKwh: [1, 2, 3], isPeriodic: false });
    expect(phaseSum([10, null, 5])).toBeNull();
    expect(phaseSum([1, 2, 3])).toBe(6);
  });
  it("does not take a nan for a zero: the message is no JSON", () => {
    expect(parseTasmota("tele/x/SENSOR", '{"ENERGY":{"Power":nan}}')).toMatchObject({ kind: "invalid" });
    expect(parseTasmota("tele/x/SENSOR", '{"ENERGY":{"Power":null}}')).toMatchObject({ powerW: null });
  });
  it.each([
    ["stat/x/POWER", "ON", { index: 0, on: true }],
    ["stat/x/POWER3", "OFF", { index: 2, on: false }],
    ["stat/x/RESULT", '{"POWER1":"OFF"}', { index: 0, on: false }],
  ])("%s %s is a relay", (topic, payload, relay) => expect(parseTasmota(topic, payload)).toEqual({ kind: "relay", ...relay }));
  it.each([
    ['{"RDM6300":{"UID":"0414CD7E"}}', { kind: "card", reader: "RDM6300", uid: "0414CD7E" }],
    ['{"RC522":{"UID":"zz"}}', { kind: "other" }],
    ['{"Wiegand":{"UID":1E240h,"Size":1Ah}}', { kind: "wiegand", uid: 123456n, bits: 26, wasHex: true }],
    ['{"Wiegand":{"UID":-1,"Size":26}}', { kind: "other" }],
  ])("reads the card in %s", (payload, card) => expect(parseTasmota("tele/x/SENSOR", payload)).toEqual(card));
  it("knows the nested wording of newer firmware", () => {
    expect(parseTasmota("tele/x/INFO3", '{"Info3":{"RestartReason":"Power On"}}')).toEqual({
      kind: "info",
      restartReason: "Power On",
      isOldWording: false,
    });
  });
  it("never takes a command for an answer, its own empty one included", () => {
    expect(parseTasmota("cmnd/x/POWER", "")).toEqual({ kind: "command", command: "POWER", value: "" });
  });
});

describe("Shelly", () => {
  it("tells overpower from off", () => {
    expect(parseShellyGen1("shellies/a/relay/0", "overpower")).toEqual({ kind: "relay", channel: 0, on: false, overpower: true });
  });
  it("turns watt-minutes into watt-hours, and a null into nothing", () => {
    expect(parseShellyGen1("shellies/a/relay/1/energy", "23329")).toEqual({
      kind: "energy",
      channel: 1,
      energyWh: 388.817,
      wattMinutes: 23_329,
    });
    expect(parseShellyGen1("shellies/a/relay/1/power", "null")).toEqual({ kind: "power", channel: 1, powerW: null });
  });
  it("does not believe a meter that does not believe itself", () => {
    const status = parseShellyGen1("HTTP GET /status", '{"relays":[{"ison":true}],"meters":[{"is_valid":false,"power":0,"total":0}]}');
    expect(status).toMatchObject({ relays: [true], meters: [{ powerW: null, energyWh: null }] });
  });
  it("keeps what a part does not name", () => {
    const [full, part] = [
      parseShellyGen2("p/status/switch:0", '{"id":0,"output":true,"apower":11.5,"aenergy":{"total":100}}'),
      parseShellyGen2("p/events/rpc", '{"src":"d","method":"NotifyStatus","params":{"switch:0":{"aenergy":{"total":101}}}}'),
    ];
    const switches = [full, part].map((message) => (message.kind === "status" ? message.parts.switches[0] : undefined));
    expect(mergeSwitch(switches[0], switches[1] ?? { channel: 9 })).toEqual({ channel: 0, on: true, powerW: 11.5, energyWh: 101 });
  });
  it("reads three phases, and no neutral clamp as unknown", () => {
    const message = parseShellyGen2(
      "p/status/em:0",
      '{"id":0,"a_act_power":1,"b_act_power":-2,"c_act_power":3,"total_act_power":2,"n_current":null}',
    );
    expect(message).toMatchObject({ parts: { meters: [{ component: "em", powerW: 2, phasesW: [1, -2, 3], neutralA: null }] } });
  });
});

describe("Zigbee2MQTT", () => {
  it.each([
    [383, 0.383],
    [0.06, 0.06],
    [16, 16],
    [62, 0.062],
  ])("takes a current of %d for %d A", (current, currentA) => {
    expect(parseZigbee("z/plug", JSON.stringify({ current }))).toMatchObject({ currentA, currentRaw: current });
  });
  it.each([
    ["offline", false],
    ['{"state":"online"}', true],
  ])("reads the old and the new availability %s", (payload, online) => {
    expect(parseZigbee("z/plug/availability", payload)).toEqual({ kind: "availability", online });
  });
});
