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

test("a file that holds a list, and keys that are too short, are refused in words", () => {
  expect(readNodeConfig([], "node.yaml")).toMatchObject({ ok: false });
  const keys = readNodeKeys({ secret: "x".repeat(43), mac: "short", card: "A".repeat(43), hub: "A".repeat(59) }, "keys.json");
  expect(keys).toMatchObject({ ok: false, problems: ["keys.json: mac: 32 bytes in base64url."] });
});
