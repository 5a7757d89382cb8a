/** Golden card numbers: the canonical form may never change, every enrolled card depends on it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalEm4100, canonicalIso14443a } from "../../../devices/drivers/card-number.ts";

const uid = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("em4100 numbers", () => {
  it.each([
    ["000414CD7E", { kind: "number", number: "em4100:000414CD7E" }],
    ["01c8f00800", { kind: "number", number: "em4100:01C8F00800" }],
    ["0000000012", { kind: "refused", why: "ghost" }],
    ["0000000000", { kind: "refused", why: "ghost" }],
    ["0000001234", { kind: "number", number: "em4100:0000001234" }],
    ["414CD7E", { kind: "refused", why: "length" }],
    ["00041 CD7E", { kind: "refused", why: "not hex" }],
  ])("%s", (hex, outcome) => expect(canonicalEm4100(hex)).toEqual(outcome));
});

describe("iso14443a numbers", () => {
  it.each([
    ["01020405", { kind: "number", number: "iso14443a:01020405" }],
    ["04A23B1C5D6E80", { kind: "number", number: "iso14443a:04A23B1C5D6E80" }],
    ["0102030405060708090A", { kind: "number", number: "iso14443a:0102030405060708090A" }],
    ["8804A23B1C5D6E80", { kind: "number", number: "iso14443a:04A23B1C5D6E80" }],
    ["88010203880405060708090A", { kind: "number", number: "iso14443a:0102030405060708090A" }],
    ["8804A23B", { kind: "refused", why: "cut short" }],
    ["08ABCDEF", { kind: "refused", why: "random" }],
    ["01020304", { kind: "refused", why: "not unique" }],
    ["DEADBEEF", { kind: "refused", why: "not unique" }],
    ["00000000", { kind: "refused", why: "not unique" }],
    ["FFFFFFFFFFFFFF", { kind: "refused", why: "not unique" }],
    ["0102", { kind: "refused", why: "length" }],
    ["", { kind: "refused", why: "length" }],
  ])("%s", (hex, outcome) => expect(canonicalIso14443a(uid(hex))).toEqual(outcome));

  interface Vector {
    readonly id: string;
    readonly protocol: string;
    readonly payload: string;
    readonly expect: { readonly uid: string; readonly random?: boolean; readonly usable_as_identity?: boolean };
  }
  const vectors: readonly Vector[] = readFileSync(new URL("../../fixtures/iso14443a.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const uids = vectors.filter((vector) => vector.protocol === "iso14443a-uid");

  it.each(uids)("$id $payload", ({ payload, expect: expected }) => {
    const outcome = canonicalIso14443a(uid(payload));
    if (expected.usable_as_identity === false) expect(outcome.kind).toBe("refused");
    else expect(outcome).toEqual({ kind: "number", number: `iso14443a:${expected.uid}` });
    if (expected.random === true) expect(outcome).toEqual({ kind: "refused", why: "random" });
  });
});
