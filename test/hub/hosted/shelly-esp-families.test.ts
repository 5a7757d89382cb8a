/** Shelly plugs and esp-rfid doors behind a machine or door: what they hear and what they are told. */
import { describe, expect, it } from "vitest";
import { canonicalOf } from "../../../hub/host/hosted-cards.ts";
import { espRfidFamily } from "../../../hub/hosted/esp-rfid-family.ts";
import type { DeviceAddress, HostedFamily, Sense } from "../../../hub/hosted/family.ts";
import { recogniseDevice } from "../../../hub/hosted/hosted.ts";
import { shellyGen1Family } from "../../../hub/hosted/shelly-gen1-family.ts";
import { shellyGen2Family } from "../../../hub/hosted/shelly-gen2-family.ts";
import { testFamily } from "../../support/family-suite.ts";

const at = (name: string, options: Record<string, string> = {}): DeviceAddress => ({ name, channel: 0, options });

testFamily({
  family: shellyGen1Family,
  fixture: "shelly_gen1",
  addressOf: (topic) => (topic.startsWith("shellies/") && topic.split("/").length > 2 ? at(topic.split("/")[1] ?? "") : null),
  address: at("shellyplug-s-1"),
  knows: ["on", "off", "refresh", "ask"],
});
testFamily({
  family: shellyGen2Family,
  fixture: "shelly_gen2",
  addressOf(topic) {
    const name = /^([^<]+)\/(events\/rpc|online|status\/[^/]+)$/.exec(topic)?.[1];
    return name === undefined ? null : at(name);
  },
  address: at("shellyplusplugs-1"),
  knows: ["on", "off", "refresh", "ask"],
});
testFamily({
  family: espRfidFamily,
  fixture: "esp_rfid",
  addressOf: (topic) => (topic === "rfid/send" ? at("rfid") : topic === "rfid" ? at("rfid", { version: "1" }) : null),
  address: at("front-door", { ip: "192.168.1.50" }),
  knows: ["open", "list", "admit", "expel"],
});

function heardOf(family: HostedFamily, address: DeviceAddress, messages: readonly (readonly [string, string, number?])[]): Sense[] {
  const device = family.open(address);
  return messages.flatMap(([topic, payload, s = 0]) => device.hear({ kind: "mqtt", topic, payload, retained: false }, s * 1000));
}

describe("a Shelly", () => {
  it("of the first generation counts in watt-minutes, and tells of its own relay only", () => {
    expect(
      heardOf(shellyGen1Family, at("plug"), [
        ["shellies/plug/relay/0", "on"],
        ["shellies/plug/relay/1", "on"],
        ["shellies/plug/relay/0/power", "900.5"],
        ["shellies/plug/relay/0/energy", "600"],
        ["shellies/plug/relay/0/power", "0", 1],
        ["shellies/plug/relay/0", "overpower"],
      ]),
    ).toEqual([
      { kind: "relay", on: true },
      { kind: "power", powerW: 900.5 },
      { kind: "power", energyWh: 10 },
      { kind: "relay", on: false },
    ]);
  });
  it("of the second tells parts, each of which says only what it names, and a relay without a meter no power", () => {
    const notify = (part: object) => JSON.stringify({ src: "x", method: "NotifyStatus", params: { "switch:0": part } });
    expect(
      heardOf(shellyGen2Family, at("plug"), [
        ["plug/events/rpc", notify({ id: 0, output: true })],
        ["plug/events/rpc", notify({ apower: 11.5 })],
        ["plug/events/rpc", notify({ aenergy: { total: 152.5 } })],
        ["other/events/rpc", notify({ output: true })],
      ]),
    ).toEqual([
      { kind: "relay", on: true },
      { kind: "power", powerW: 11.5 },
      { kind: "power", energyWh: 152.5 },
    ]);
    const [on] = shellyGen2Family.orders({ kind: "on", forS: 300 }, at("plug"));
    expect(on?.kind === "mqtt" && JSON.parse(on.payload)).toMatchObject({
      method: "Switch.Set",
      params: { id: 0, on: true, toggle_after: 300 },
    });
  });
  it("is recognised by what it announces and reports", () => {
    expect(recogniseDevice("shellies/announce", '{"id":"shellyplug-s-1","model":"SHPLG-S"}')).toMatchObject({
      family: "shelly-gen1",
      name: "shellyplug-s-1",
    });
    expect(recogniseDevice("plug/online", "true")).toMatchObject({ family: "shelly-gen2", name: "plug" });
  });
});

describe("an esp-rfid door", () => {
  const access = (uid: string) => JSON.stringify({ type: "access", isKnown: "true", access: "Always", uid, hostname: "d" });
  it("tells a card at a Wiegand reader as any Wiegand reader does, whatever zeros it leaves out, and orders it in the same words", () => {
    const door = (more: Record<string, string>) => ({ ...at("rfid"), options: { reader: "wiegand26", ...more } });
    const card = { medium: "wiegand", bits: 26, value: 0x0a0b0cn } as const;
    const heard = (address: ReturnType<typeof door>, ...uids: string[]) =>
      heardOf(
        espRfidFamily,
        address,
        uids.map((uid) => ["rfid/send", access(uid)] as const),
      );
    expect(heard(door({}), "a0b0c", "0a0b0c", "0", "1000000", "xyz")).toEqual([
      { kind: "card", card, passed: true },
      { kind: "card", card, passed: true },
    ]);
    expect(heard(door({ numbers: "decimal" }), "658188")).toEqual([{ kind: "card", card, passed: true }]);
    expect(canonicalOf(card)).toEqual({ kind: "number", number: "w26:010/02828" });
    expect(JSON.stringify(espRfidFamily.orders({ kind: "expel", card }, door({})))).toContain('\\"uid\\":\\"a0b0c\\"');
    expect(JSON.stringify(espRfidFamily.orders({ kind: "expel", card }, door({ numbers: "decimal" })))).toContain('\\"uid\\":\\"658188\\"');
  });
  it("takes a number that lost a zero inside for no card", () => {
    expect(
      heardOf(espRfidFamily, at("rfid"), [
        ["rfid/send", access("4a23b1c5d6e80")],
        ["rfid/send", access("a0b0c0d")],
      ]),
    ).toEqual([]);
  });
  it("tells cards with what it decided itself, and never a name", () => {
    const tap = (access: string, uid: string) =>
      JSON.stringify({ type: "access", isKnown: "true", access, username: "Ada", uid, hostname: "d" });
    expect(
      heardOf(espRfidFamily, at("rfid"), [
        ["rfid/send", tap("Always", "4755ca35")],
        ["rfid/send", tap("Expired", "4755ca35")],
        ["rfid/send", tap("Denied", "xxxx")],
      ]),
    ).toEqual([
      { kind: "card", card: { medium: "iso14443a", hex: "4755CA35" }, passed: true },
      { kind: "card", card: { medium: "iso14443a", hex: "4755CA35" }, passed: false },
    ]);
  });
});
