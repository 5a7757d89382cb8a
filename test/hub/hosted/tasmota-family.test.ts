/** Tasmota behind a door or machine: what it hears, what it is told, what it must be set to. */
import { describe, expect, it } from "vitest";
import type { DeviceAddress, Sense } from "../../../hub/hosted/family.ts";
import { recogniseDevice } from "../../../hub/hosted/hosted.ts";
import { parseTasmotaTopic } from "../../../hub/hosted/tasmota.ts";
import { pulseTime, tasmotaFamily } from "../../../hub/hosted/tasmota-family.ts";
import { testFamily } from "../../support/family-suite.ts";

const plug: DeviceAddress = { name: "laser-plug", channel: 0, options: {} };

testFamily({
  family: tasmotaFamily,
  fixture: "tasmota",
  addressOf(topic) {
    const at = parseTasmotaTopic(topic);
    return at === undefined || at.prefix === "cmnd" ? null : { name: at.name, channel: 0, options: {} };
  },
  address: plug,
  knows: ["on", "off", "refresh", "ask", "identify"],
});

function heardOf(messages: readonly (readonly [topic: string, payload: string, atS?: number])[], address = plug): Sense[] {
  const device = tasmotaFamily.open(address);
  return messages.flatMap(([topic, payload, atS = 0]) => device.hear({ kind: "mqtt", topic, payload, retained: false }, atS * 1000));
}
const sensor = (powerW: number, totalKwh = 1): string => JSON.stringify({ ENERGY: { Power: powerW, Total: totalKwh } });
const powers = (senses: readonly Sense[]) => senses.flatMap((sense) => (sense.kind === "power" ? [sense.powerW] : []));

describe("a Tasmota plug", () => {
  it("does not take a single zero for the end of work, but one that stays, and any after the relay fell", () => {
    const at = "tele/laser-plug/SENSOR";
    expect(
      powers(
        heardOf([
          [at, sensor(900), 0],
          [at, sensor(0), 1],
          [at, sensor(880), 2],
        ]),
      ),
    ).toEqual([900, undefined, 880]);
    expect(
      powers(
        heardOf([
          [at, sensor(900), 0],
          [at, sensor(0), 1],
          [at, sensor(0), 11],
        ]),
      ),
    ).toEqual([900, undefined, 0]);
    expect(
      powers(
        heardOf([
          [at, sensor(900), 0],
          ["stat/laser-plug/POWER", "OFF", 1],
          [at, sensor(0), 2],
        ]),
      ),
    ).toEqual([900, 0]);
  });
  it("counts in watt-hours and adds its phases", () => {
    expect(heardOf([["tele/laser-plug/SENSOR", '{"ENERGY":{"Total":[1.2,3.4],"Power":[10,20]}}']])).toEqual([
      { kind: "power", powerW: 30, energyWh: 4600 },
    ]);
  });
  it("tells of its own relay only", () => {
    const two = '{"POWER1":"OFF","POWER2":"ON"}';
    expect(heardOf([["tele/laser-plug/STATE", two]], { ...plug, channel: 1 })).toEqual([{ kind: "relay", on: true }]);
    expect(heardOf([["stat/laser-plug/POWER2", "ON"]])).toEqual([]);
  });
  it("hands on cards of every reader it may have, and nothing that is written on them", () => {
    expect(
      heardOf([
        ["tele/laser-plug/SENSOR", '{"PN532":{"UID":"53BB1F05110001","Data":"admin"}}'],
        ["tele/laser-plug/SENSOR", '{"RDM6300":{"UID":"00184E31"}}'],
        ["tele/laser-plug/SENSOR", '{"Wiegand":{"UID":4302,"Size":26}}'],
        ["tele/laser-plug/SENSOR", '{"Wiegand":{"UID":0,"Size":26}}'],
      ]),
    ).toEqual([
      { kind: "card", card: { medium: "iso14443a", hex: "53BB1F05110001" } },
      { kind: "card", card: { medium: "em32", hex: "00184E31" } },
      { kind: "card", card: { medium: "wiegand", bits: 26, value: 4302n } },
    ]);
  });
  it("is told the time of its dead-man before it is switched on, and kept on by a word that switches nothing on", () => {
    expect(tasmotaFamily.orders({ kind: "on", forS: 900 }, plug)).toEqual([
      { kind: "mqtt", topic: "cmnd/laser-plug/Backlog0", payload: "PulseTime1 1000; Power1 1" },
    ]);
    expect(tasmotaFamily.orders({ kind: "refresh", forS: 900 }, plug)).toEqual([
      { kind: "mqtt", topic: "cmnd/laser-plug/PulseTime1", payload: "1000" },
    ]);
    expect([0, 5, 11, 12, 900, 1e9].map(pulseTime)).toEqual(["1", "50", "110", "112", "1000", "64900"]);
  });
  it("answers what it was set to in the words that provisioning wants", () => {
    const wants = tasmotaFamily.provision(plug, 900)?.wants ?? {};
    const answers = [
      '{"PowerOnState":0}',
      '{"SetOption0":"OFF"}',
      '{"TelePeriod":10}',
      '{"PowerDelta":105}',
      '{"PulseTime1":{"Set":1000,"Remaining":0}}',
    ].map((payload) => ["stat/laser-plug/RESULT", payload] as const);
    const told = heardOf(answers).flatMap((sense) => (sense.kind === "setting" ? [[sense.name, sense.value]] : []));
    expect(Object.fromEntries(told)).toEqual(wants);
  });
  it("is recognised wherever its name stands, never by what somebody told it", () => {
    expect(recogniseDevice("tele/laser-plug/LWT", "Online")).toEqual({ family: "tasmota", name: "laser-plug" });
    expect(recogniseDevice("cmnd/laser-plug/POWER", "")).toBeNull();
  });
});
