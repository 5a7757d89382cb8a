/** AES-CMAC, key diversification and the proofs of cards: published vectors, and what an attacker can replay. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aesCbcEncrypt, aesCmac, rotated, zeroBlock } from "../../../devices/drivers/aes-cmac.ts";
import { diversifiedKey } from "../../../devices/drivers/card-keys.ts";
import { answerEv1, answerEv2, openEv2Full, openEv2Mac } from "../../../devices/drivers/desfire-auth.ts";
import { isCounterFresh, openSun, readSunAddress } from "../../../devices/drivers/ntag424-sun.ts";

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(" ", ""));
/** Dice of a test: another block for every seed. */
const block = (seed: number): Uint8Array => Uint8Array.from(createHash("sha256").update(String(seed)).digest().subarray(0, 16));

describe("AES-CMAC", () => {
  // RFC 4493 §4
  const key = hex("2b7e151628aed2a6abf7158809cf4f3c");
  const message =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
  it.each([
    [0, "bb1d6929e95937287fa37d129b756746"],
    [16, "070a16b46b4d4144f79bdd9dd04a287c"],
    [40, "dfa66747de9ae63030ca32611497c827"],
    [64, "51f0bebf7e3b9d92fc49741779363cfe"],
  ])("of %i bytes is the one of RFC 4493", (bytes, mac) => expect(aesCmac(key, hex(message).subarray(0, bytes)).toHex()).toBe(mac));
});

describe("a key for every card", () => {
  const master = hex("00112233445566778899AABBCCDDEEFF");
  it("differs by one bit of the UID in about half of its bits, and refuses more than 31 bytes", () => {
    const [a, b] = [hex("04782E21801D80"), hex("04782E21801D81")].map((uid) => diversifiedKey(master, { uid }));
    expect(a?.toHex()).not.toBe(b?.toHex());
    expect(() => diversifiedKey(master, { uid: new Uint8Array(32) })).toThrow("31 bytes");
    expect(() => diversifiedKey(master.subarray(1), { uid: hex("04") })).toThrow("16 bytes");
  });
});

/** A card that knows the key, for both dialects. */
function cardOf(key: Uint8Array, rndB: Uint8Array) {
  return {
    challenge: aesCbcEncrypt(key, zeroBlock, rndB),
    ev1: (token: Uint8Array, rndA: Uint8Array) => aesCbcEncrypt(key, token.subarray(-16), rotated(rndA)),
    ev2: (rndA: Uint8Array) => aesCbcEncrypt(key, zeroBlock, Uint8Array.from([1, 2, 3, 4, ...rotated(rndA), ...new Uint8Array(12)])),
  };
}

describe("a card that proves its key", () => {
  const key = block(7);

  it("is believed when it knows the key, in both dialects", () => {
    const [rndA, card] = [block(1), cardOf(key, block(2))];
    const [one, two] = [answerEv1(key, rndA, card.challenge), answerEv2(key, rndA, card.challenge)];
    if (one.kind !== "started" || two.kind !== "started") throw new Error("a challenge of 16 bytes starts");
    expect(one.finish(card.ev1(one.token, rndA)).kind).toBe("proved");
    expect(two.finish(card.ev2(rndA)).kind).toBe("proved");
    expect(one.finish(card.ev1(one.token, rndA).subarray(1))).toEqual({ kind: "refused", why: "length" });
  });

  it("10,000 answers recorded earlier, or of cards with another key, open nothing", () => {
    const known = block(3);
    const card = cardOf(key, block(4));
    const recorded = answerEv1(key, known, card.challenge);
    if (recorded.kind !== "started") throw new Error("a challenge of 16 bytes starts");
    const [oldEv1, oldEv2] = [card.ev1(recorded.token, known), card.ev2(known)];
    let accepted = 0;
    for (let i = 0; i < 5_000; i += 1) {
      // the host's dice are fresh; the attacker replays challenge and answer
      const fresh = block(1_000 + i);
      const [one, two] = [answerEv1(key, fresh, card.challenge), answerEv2(key, fresh, card.challenge)];
      if (one.kind === "started" && one.finish(oldEv1).kind === "proved") accepted += 1;
      if (two.kind === "started" && two.finish(oldEv2).kind === "proved") accepted += 1;
    }
    const other = cardOf(block(8), block(9));
    const asked = answerEv2(key, known, other.challenge);
    if (asked.kind === "started" && asked.finish(other.ev2(known)).kind === "proved") accepted += 1;
    console.log(`card proofs: 10000 replays, ${accepted} accepted`);
    expect(accepted).toBe(0);
  });

  it("answers of a session fit no other counter, session or status", () => {
    const session = { ti: hex("7A21085E"), encKey: block(5), macKey: hex("8248134A386E86EB7FAF54A52E536CB6") };
    const answer = hex("0040EEEE000100D1FE001F00004400004400002000006A00002A474282E7A47986");
    expect(openEv2Mac(session, 1, 0, answer)?.length).toBe(25);
    expect(openEv2Mac(session, 2, 0, answer)).toBeNull();
    expect(openEv2Mac(session, 1, 0xae, answer)).toBeNull();
    expect(openEv2Mac({ ...session, ti: hex("7A21085F") }, 1, 0, answer)).toBeNull();
    expect(openEv2Mac(session, 1, 0, answer.subarray(0, 7))).toBeNull();
    expect(openEv2Full(session, 1, 0, answer)).toBeNull();
  });
});

describe("an NTAG 424's address", () => {
  const keys = { metaKey: zeroBlock, fileKeyOf: () => zeroBlock };
  const address = "https://koprade.test/t?picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086";
  const open = (text: string) => {
    const mirror = readSunAddress(text);
    return mirror === null ? null : openSun(mirror, keys);
  };

  it("is read once: 10,000 replays of a photographed address, 0 accepted", () => {
    let last: number | null = null;
    let accepted = 0;
    for (let i = 0; i <= 10_000; i += 1) {
      const read = open(address);
      if (read?.kind !== "read" || !read.macOk || !isCounterFresh(read.readCounter, last)) continue;
      last = read.readCounter;
      accepted += 1;
    }
    console.log(`NTAG 424: 10000 replays after one tap, ${accepted - 1} accepted`);
    expect([accepted, last]).toEqual([1, 61]);
    expect(isCounterFresh(60, last)).toBe(false);
    expect(isCounterFresh(62, last)).toBe(true);
  });

  it("is refused with any bit of its MAC or its data changed, or under another key", () => {
    for (let at = address.indexOf("=") + 1; at < address.length; at += 1) {
      if (!/[0-9A-F]/.test(address[at] ?? "") || address.slice(at - 5, at + 1).includes("cmac")) continue;
      const changed = `${address.slice(0, at)}${address[at] === "0" ? "1" : "0"}${address.slice(at + 1)}`;
      const read = open(changed);
      expect(read?.kind === "read" && read.macOk, changed).toBe(false);
    }
    const mirror = readSunAddress(address);
    if (mirror === null) throw new Error("an address with both fields is read");
    expect(openSun(mirror, { ...keys, metaKey: block(1) })).toEqual({ kind: "refused", why: "picc data" });
    expect(openSun(mirror, { ...keys, fileKeyOf: () => block(1) })).toMatchObject({ macOk: false });
  });

  it("is no address with a field missing, cut or not hexadecimal", () => {
    for (const text of ["", "cmac=94EED9EE65337086", "uid=04&ctr=000006&cmac=4B00064004B0B3D3", `${address}0`, address.replace("EF", "XX")])
      expect(readSunAddress(text), text).toBeNull();
    expect(open("uid=041E3C8A2D6B80&ctr=FFFFFF&cmac=4B00064004B0B3D3")).toEqual({ kind: "refused", why: "counter limit" });
  });
});
