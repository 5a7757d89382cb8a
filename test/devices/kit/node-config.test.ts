import { expect, test } from "vitest";
import { readNodeConfig, readNodeKeys } from "../../../devices/kit/node-config.ts";

const door = {
  site: "valmiera",
  node: "front-door",
  kind: "door",
  hub: { url: "mqtts://hub.local:8883", caFile: "ca.pem" },
  board: { port: "/dev/serial/by-id/usb-Arduino" },
  door: { reader: { kind: "rdm6300", port: "/dev/serial/by-id/usb-reader" }, strike: { pin: 7 }, contact: { pin: 3 } },
};
const problems = (change: object) => {
  const read = readNodeConfig({ ...door, ...change }, "node.yaml");
  return read.ok ? [] : read.problems;
};

test("a small file is enough", () => {
  expect(readNodeConfig(door, "node.yaml")).toMatchObject({ ok: true, value: { door: { ch: "door", contact: { pullup: true } } } });
});

test.each([
  [{ site: undefined }, "node.yaml: site is missing"],
  [{ node: "Front Door" }, "node.yaml: node: 3–32 characters"],
  [{ hub: { url: "http://hub" } }, "node.yaml: hub.url: mqtts://host:8883."],
  [{ hub: { url: "mqtt://hub:1883" } }, "node.yaml: hub.url: plain mqtt:// can be read and forged"],
  [{ board: { port: "ttyUSB0" } }, "node.yaml: board.port: the path of a serial device"],
  [{ doors: 1 }, 'node.yaml: unknown field "doors"; remove it or correct its spelling.'],
  [{ door: { ...door.door, contact: { pin: 7 } } }, "node.yaml: door.contact.pin: pin 7 is taken by door.strike already."],
  [{ kind: "window" }, "node.yaml: kind:"],
])("a mistake is answered with one sentence and its place: %j", (change, sentence) => {
  const found = problems(change);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(sentence);
});

test("a latching permit is refused without the contact that tells whether the contactor is in", () => {
  const { door: _door, ...common } = door;
  const permit = { kind: "pulse", start: { pin: 4 }, stop: { pin: 5 } };
  const read = (aux: object) => {
    const machine = { reader: { kind: "pn532", port: "/dev/ttyUSB0" }, permit, ...aux };
    return readNodeConfig({ ...common, kind: "machine", machine }, "node.yaml");
  };
  expect(read({ aux: { pin: 2 } })).toMatchObject({ ok: true });
  expect(read({})).toEqual({ ok: false, problems: [expect.stringMatching(/^node\.yaml: machine\.permit: .* needs machine\.aux/)] });
});

test("readers and meters of each kind are wired, and two wires on one pin are not", () => {
  const wired = (reader: object) => problems({ door: { ...door.door, reader } });
  expect(wired({ kind: "pn532", port: "/dev/ttyUSB0" })).toEqual([]);
  const osdp = { kind: "osdp", port: "/dev/ttyUSB0", keyFile: "osdp-reader.key" };
  expect(wired(osdp)).toEqual([]);
  expect(wired({ ...osdp, key: "00".repeat(16) })).toEqual([
    'node.yaml: door.reader: unknown field "key"; remove it or correct its spelling.',
  ]);
  expect(wired({ kind: "wiegand", pin0: 8, pin1: 9 })).toEqual([]);
  expect(wired({ kind: "wiegand", pin0: 8, pin1: 7 })).toEqual(["node.yaml: door.strike.pin: pin 7 is taken by door.reader already."]);
  expect(wired({ kind: "rc522", port: "/dev/ttyUSB0" })[0]).toContain("node.yaml: door.reader.kind:");
  const { door: _, ...common } = door;
  const holder = { ...osdp, insert: true };
  const machine = { reader: holder, permit: { kind: "hold", pin: 4 } };
  expect(readNodeConfig({ ...common, kind: "machine", machine }, "node.yaml")).toEqual({
    ok: false,
    problems: ["node.yaml: machine.reader.insert: this reader cannot tell when a card is taken out; remove it, or use rdm6300 or pn532."],
  });
  const meter = (meter: object) => {
    const machine = { reader: { kind: "pn532", port: "/dev/ttyUSB0" }, permit: { kind: "hold", pin: 4 }, meter };
    const { door: _door, ...common } = door;
    const read = readNodeConfig({ ...common, kind: "machine", machine }, "node.yaml");
    return read.ok ? (read.value.kind === "machine" ? read.value.machine.meter : null) : read.problems;
  };
  expect(meter({ kind: "sdm630", port: "/dev/ttyUSB1" })).toMatchObject({ address: 1, baudRate: 9600 });
  expect(meter({ kind: "sdm120", port: "/dev/ttyUSB1", baudRate: 1234 })).toEqual([expect.stringContaining("machine.meter.baudRate")]);
  expect(meter({ kind: "sdm120", port: "/dev/ttyUSB1", address: 248 })).toEqual([expect.stringContaining("machine.meter.address")]);
});

test("a file that holds a list, and keys that are too short, are refused in words", () => {
  expect(readNodeConfig([], "node.yaml")).toMatchObject({ ok: false });
  const keys = readNodeKeys({ secret: "x".repeat(43), mac: "short", card: "A".repeat(43), hub: "A".repeat(59) }, "keys.json");
  expect(keys).toMatchObject({ ok: false, problems: ["keys.json: mac: 32 bytes in base64url."] });
});
