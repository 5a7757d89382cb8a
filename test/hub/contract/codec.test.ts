import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, encodeSealed, envelope, matchPath, type Sender, type Topic, topicPath, topics } from "#contract";
import { arbitraryOf } from "../../support/arbitrary.ts";

const mac = (bytes: Uint8Array) => new Uint8Array(createHmac("sha256", "a key of this node").update(bytes).digest());
const names = (Object.keys(topics) as Topic[]).filter((topic) => topics[topic].form !== "binary");
const sender = arbitraryOf(envelope.omit({ v: true, type: true })) as fc.Arbitrary<Sender>;
const idsOf = (topic: Topic) =>
  topics[topic].path
    .split("/")
    .filter((segment) => segment === "+")
    .map((_, i) => ["laser-node", "door"][i] ?? "x1y");
const bytesOf = (topic: Topic, from: Sender, body: unknown) =>
  topics[topic].form === "sealed" ? encodeSealed(topic, from, body as never, mac) : encode(topic, from, body as never);

describe.each(names)("the row %s", (topic) => {
  const path = topicPath("valmiera", topic, ...idsOf(topic));
  const body = arbitraryOf(topics[topic].body);

  it("gives back what was put in", () => {
    fc.assert(
      fc.property(sender, body, (from, given) => {
        const back = decode("valmiera", path, bytesOf(topic, from, given), mac);
        if (!back.ok) throw new Error(back.reason);
        expect(back.topic).toBe(topic);
        expect(back.ids).toEqual(idsOf(topic));
        expect(back.body).toEqual(topics[topic].body.parse(given));
      }),
      { numRuns: 40 },
    );
  });

  it("turns any damage into a reason and never throws", () => {
    fc.assert(
      fc.property(sender, body, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(20), (from, given, where, flip, cut) => {
        const bytes = bytesOf(topic, from, given).slice();
        bytes[where % bytes.length] = (bytes[where % bytes.length] ?? 0) ^ flip;
        for (const damaged of [bytes, bytes.subarray(0, cut), bytes.subarray(cut)]) {
          const back = decode("valmiera", path, damaged, mac);
          if (!back.ok) expect(back.reason.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("belongs to no other row", () => {
    expect(matchPath("valmiera", path)).toEqual({ topic, ids: idsOf(topic) });
    expect(matchPath("malmo", path)).toBeUndefined();
    expect(matchPath("valmiera", `${path}/x`)).toBeUndefined();
  });
});

describe("the seal", () => {
  const sealedNames = names.filter((topic) => topics[topic].form === "sealed");
  it.each(sealedNames)("of %s breaks with one flipped bit, another key or no key", (topic) => {
    fc.assert(
      fc.property(sender, arbitraryOf(topics[topic].body), fc.nat(), (from, body, where) => {
        const path = topicPath("valmiera", topic, ...idsOf(topic));
        const bytes = bytesOf(topic, from, body);
        const seal: unknown = JSON.parse(new TextDecoder().decode(bytes));
        const { p, m } = seal as { p: string; m: string };
        const inner = Buffer.from(p, "base64url");
        inner[where % inner.length] = (inner[where % inner.length] ?? 0) ^ 1;
        const tampered = new TextEncoder().encode(JSON.stringify({ p: inner.toString("base64url"), m }));
        expect(decode("valmiera", path, tampered, mac)).toMatchObject({ ok: false, reason: "BAD_MAC" });
        expect(decode("valmiera", path, bytes, () => new Uint8Array(32))).toMatchObject({ ok: false, reason: "BAD_MAC" });
        expect(decode("valmiera", path, bytes)).toMatchObject({ ok: false });
      }),
      { numRuns: 30 },
    );
  });

  it("is on every message that opens, energises or configures", () => {
    expect(names.filter((topic) => topics[topic].form === "sealed").sort()).toEqual([
      "accessResponse",
      "command",
      "nodeConfig",
      "nodeKeys",
      "restrictions",
    ]);
  });
});

describe("the rows together", () => {
  it("retain nothing permissive", () => {
    const retained = (Object.keys(topics) as Topic[]).filter((topic) => topics[topic].retain);
    expect(retained.sort()).toEqual([
      "channelReported",
      "hubState",
      "machinePublic",
      "nodeBirth",
      "nodeConfig",
      "nodeState",
      "restrictions",
      "siteMode",
      "snapshotManifest",
    ]);
  });
  it("let a node retain only the descriptive facts of its own subtree", () => {
    const byNode = (Object.keys(topics) as Topic[]).filter((topic) => topics[topic].retain && topics[topic].from !== "hub");
    expect(byNode.sort()).toEqual(["channelReported", "nodeBirth", "nodeState"]);
  });
  it("refuse an oversized message by name", () => {
    expect(decode("valmiera", topicPath("valmiera", "hubTime"), new Uint8Array(600))).toMatchObject({
      ok: false,
      reason: "600 bytes, at most 512",
    });
  });
  it("refuse identifiers that could become a wildcard or another level", () => {
    for (const id of ["a/b", "+", "#", "", "..\u0000", "ä"]) expect(() => topicPath("valmiera", "command", id)).toThrow(/bad identifier/);
  });
});
