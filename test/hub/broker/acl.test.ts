import { describe, expect, it } from "vitest";
import { isReservedName } from "#contract";
import {
  frameBytesMax,
  identityOf,
  mayPublish,
  mayPublishMessage,
  mayReceive,
  maySubscribe,
  mayWill,
  usernameOf,
} from "../../../hub/broker/acl.ts";
import { type Case, matrix, oracle, site } from "./acl-matrix.ts";

function answer({ identity, verb, topic }: Case): boolean {
  switch (verb) {
    case "publish":
      return mayPublish(site, identity, topic, false).ok;
    case "publish-retained":
      return mayPublish(site, identity, topic, true).ok;
    case "subscribe":
      return maySubscribe(site, identity, topic);
    case "receive":
      return mayReceive(site, identity, topic);
  }
}

const door = { role: "node", id: "door-1" } as const;
const path = (rest: string): string => `koprade/1/${site}/${rest}`;

describe("the access list", () => {
  it("agrees with the oracle on every case of the matrix", () => {
    const cases = [...matrix()];
    const wrong = cases.filter((one) => answer(one) !== oracle(one));
    const allowed = cases.filter(oracle).length;
    console.log(`access list: ${cases.length} cases, ${allowed} allowed, mismatches ${wrong.length}`);
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(5000);
    expect(allowed).toBeGreaterThan(60);
  });

  it("knows three kinds of user names and no others", () => {
    expect(identityOf("laser-node")).toEqual({ role: "node", id: "laser-node" });
    expect(identityOf("enrol-0123456789abcdef")).toEqual({ role: "newcomer", id: "0123456789abcdef" });
    expect(identityOf("display-hall")).toEqual({ role: "display", id: "display-hall" });
    for (const bad of [
      "",
      "a",
      "enrol-xyz",
      "enrol-",
      "a/b",
      "a+b",
      "#",
      "$SYS",
      "Ab-1",
      "-ab",
      "__proto__",
      "constructor\u0000",
      "x".repeat(33),
    ]) {
      expect([bad, identityOf(bad)]).toEqual([bad, undefined]);
    }
    expect(usernameOf({ role: "newcomer", id: "0123456789abcdef" })).toBe("enrol-0123456789abcdef");
    expect(["display-x", "enrol-1", "door-1"].map(isReservedName)).toEqual([true, true, false]);
  });

  it("allows a will on the node's own state only", () => {
    const will = { path: path("n/door-1/state"), retain: true, qos: 1, sizeBytes: 200 };
    expect(mayWill(site, door, will)).toBe(true);
    for (const other of ["n/door-2/state", "n/door-1/birth", "n/door-1/evt", "hub/state", "mode"]) {
      expect([other, mayWill(site, door, { ...will, path: path(other) })]).toEqual([other, false]);
    }
    expect(mayWill(site, door, { ...will, sizeBytes: 2000 })).toBe(false);
  });

  it("refuses QoS 2 and what is longer than its row", () => {
    const message = { path: path("n/door-1/evt"), retain: false, qos: 1, sizeBytes: 16_384 };
    expect(mayPublishMessage(site, door, message)).toMatchObject({ ok: true });
    expect(mayPublishMessage(site, door, { ...message, qos: 2 })).toEqual({ ok: false, why: "qos" });
    expect(mayPublishMessage(site, door, { ...message, sizeBytes: 16_385 })).toEqual({ ok: false, why: "too-long" });
  });

  it("lets every role's longest row through the frame guard", () => {
    expect(frameBytesMax("node")).toBeGreaterThan(16_384 + 100);
    expect(frameBytesMax("display")).toBe(16_384);
  });
});
