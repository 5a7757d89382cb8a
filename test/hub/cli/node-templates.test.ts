/** Every kind of reader and meter that a node knows has its template, and each makes a `node.yaml` that the node accepts. */
import { expect, it } from "vitest";
import { parse } from "yaml";
import { readNodeConfig } from "../../../devices/kit/node-config.ts";
import { doorReader, machineMeter } from "../../../devices/kit/node-devices.ts";
import { meterKinds, type NodeFileGiven, nodeYaml, readerKinds } from "../../../hub/cli/node-templates.ts";

const given = (change: Partial<NodeFileGiven>): NodeFileGiven => ({
  kind: "machine",
  ch: "machine",
  hubUrl: "mqtts://hub.local:8883",
  identity: { site: "valmiera", node: "laser-node", hasCa: true },
  board: "/dev/ttyACM0",
  reader: { kind: "rdm6300", port: "/dev/ttyUSB0" },
  meter: { kind: "pzem", port: "/dev/ttyUSB1" },
  ...change,
});

const kindsOf = (union: typeof doorReader | typeof machineMeter): string[] =>
  union.options.flatMap(({ shape: { kind } }): string[] => ("options" in kind ? kind.options : [...kind.values])).sort();

it("has a row for every kind that the node's file may name", () => {
  expect([...readerKinds].sort()).toEqual(kindsOf(doorReader));
  expect([...meterKinds].sort()).toEqual(kindsOf(machineMeter));
});

it.each(readerKinds)("writes what a node with a %s reader accepts, at a door and at a machine", (kind) => {
  for (const of of ["door", "machine"] as const) {
    const text = nodeYaml(given({ kind: of, ch: of, reader: { kind, port: "/dev/ttyUSB0" }, meter: null }));
    expect(readNodeConfig(parse(text), "node.yaml")).toMatchObject({ ok: true, value: { kind: of, [of]: { reader: { kind } } } });
  }
});

it.each(meterKinds)("writes what a node with a %s meter accepts", (kind) => {
  const text = nodeYaml(given({ meter: { kind, port: "/dev/ttyUSB1" } }));
  expect(readNodeConfig(parse(text), "node.yaml")).toMatchObject({ ok: true, value: { machine: { meter: { kind } } } });
});
