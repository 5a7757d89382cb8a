/** Chip cards: the published bytes of their commands, a blank card made at any pace, and what copies and recordings are worth. */
import { describe, expect, it } from "vitest";
import { keyOfCard, nxpCrc32 } from "../../../devices/drivers/card-keys.ts";
import { examineCard, makeCard } from "../../../devices/drivers/card-maker.ts";
import { sealEv2Full } from "../../../devices/drivers/desfire-auth.ts";
import { createPn532Channel, exchangePartMax } from "../../../devices/drivers/pn532-exchange.ts";
import { type CardModel, createClone, createReplayer, createSmartCard } from "../../../simulators/hardware/smart-card.ts";
import { channelTo, makerOf, personalised, proofOf, siteKeys } from "../../support/smart-cards.ts";

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const uid = "04A23B1C5D6E80";
const models: readonly CardModel[] = ["ntag424", "desfire-ev1", "desfire-ev2"];
const keys = siteKeys();

describe("sealed commands are those of NXP AN12196", () => {
  const later = { ti: hex("7614281A"), encKey: hex("4CF3CB41A22583A61E89B158D252FC53"), macKey: hex("5529860B2FC5FB6154B7F28361D30BF9") };
  const first = { ti: hex("9D00C4DF"), encKey: hex("1309C877509E5A215007FF0ED19CA564"), macKey: hex("4C6626F5E72EA694202139295C7A7FC7") };
  const asking = { ti: hex("DF055522"), encKey: hex("2B4D963C014DC36F24F69A50A394F875"), macKey: hex("379D32130CE61705DD5FD8C36B95D764") };
  const otherKey = hex("F3847D627727ED3BC9C4CC050489B966");

  it("for the sum over a key (table 25, step 7)", () => expect(nxpCrc32(otherKey).toHex().toUpperCase()).toBe("789DFADC"));
  it.each([
    [
      "another key",
      later,
      2,
      0xc4,
      "02",
      `${otherKey.toHex()}01789DFADC`,
      "022CF362B7BF4311FF3BE1DAA295E8C68DE09050560D19B9E16C2393AE9CD1FAC75D0CE20BCD1D06E6",
    ],
    [
      "its own key",
      later,
      3,
      0xc4,
      "00",
      "5004BF991F408672B1EF00F08F9E864701",
      "00C0EB4DEEFEDDF0B513A03A95A75491818580503190D4D05053FF75668A01D6FDA6610234BDED6432",
    ],
    ["a file's settings", first, 1, 0x5f, "02", "4000E0C1F121200000430000430000", "0261B6D97903566E84C3AE5274467E89EAD799B7C1A0EF7A04"],
    ["the UID", asking, 0, 0x51, "", "", "8E2C155ADDA99BE3"],
  ])("for %s", (_, session, counter, command, header, data, expected) =>
    expect(sealEv2Full(session, counter, command, hex(header), hex(data)).toHex().toUpperCase()).toBe(expected),
  );
});

describe.each(models)("a blank %s", (model) => {
  const blank = () => createSmartCard({ model, uid });

  it("is nobody's, becomes ours, and proves it", async () => {
    const card = blank();
    expect((await proofOf(card.present(), keys)).kind).toBe("not ours");
    await personalised(card, keys);
    expect(card.chip.keys[0]?.key).toEqual(keyOfCard(keys.manage, hex(uid)));
    const proof = await proofOf(card.present(), keys);
    expect(proof).toMatchObject({ kind: "proved", uid: hex(uid), counter: model === "ntag424" ? 1 : null });
    expect(await proofOf(card.present(), siteKeys(1, "cesis"))).toMatchObject({ kind: "refused", why: "wrong key" });
  });

  it("left half made at any step is named so, and mended by the next run", async () => {
    for (let steps = 0; ; steps += 1) {
      const card = blank();
      const shown = hex(uid);
      card.leaveAfter(steps);
      const first = await makeCard(channelTo(card.present()), { model: modelWords[model], uid: shown }, makerOf(keys));
      if (first.kind === "made") {
        expect(steps).toBeGreaterThan(10);
        break;
      }
      expect(first.kind).toBe("gone");
      const found = await examineCard(channelTo(card.present()), shown, makerOf(keys));
      if (found.kind !== "card") throw new Error(`after ${steps} exchanges: ${found.kind}`);
      const changed = card.chip.keys.filter(({ version }) => version > 0).length;
      expect(found.stage, `after ${steps} exchanges`).toBe(changed === 0 ? "blank" : changed === 3 ? "finished" : "half made");
      await personalised(card, keys);
      expect((await proofOf(card.present(), keys)).kind).toBe("proved");
    }
  });

  it("with older keys proves nothing until it is made anew, and then only the new ones", async () => {
    const card = await personalised(blank(), keys);
    const next = siteKeys(2);
    expect((await proofOf(card.present(), next)).kind).toBe("refused");
    expect(await examineCard(channelTo(card.present()), hex(uid), makerOf(next))).toMatchObject({ stage: "older keys" });
    await personalised(card, next);
    expect((await proofOf(card.present(), next)).kind).toBe("proved");
    expect((await proofOf(card.present(), keys)).kind).toBe("refused");
  });

  it("that hides its number is known by its true one", async () => {
    const card = createSmartCard({ model, uid, randomUid: true });
    await personalised(card, keys);
    const shown = card.present();
    expect(shown.uid).toMatch(/^08/);
    expect(await proofOf(shown, keys)).toMatchObject({ kind: "proved", uid: hex(uid) });
    expect(await proofOf(card.present(), siteKeys(1, "cesis"))).toMatchObject({ kind: "refused" });
  });

  it("that another site has made is left alone", async () => {
    const card = await personalised(blank(), siteKeys(1, "cesis"));
    expect((await examineCard(channelTo(card.present()), hex(uid), makerOf(keys))).kind).toBe("strange keys");
  });
});
const modelWords = { ntag424: "NTAG 424 DNA", "desfire-ev1": "DESFire EV1", "desfire-ev2": "DESFire EV2" } as const;

describe.each(models)("a copy of a %s", (model) => {
  it("with its number and not its key is refused", async () => {
    const card = await personalised(createSmartCard({ model, uid }), keys);
    expect(await proofOf(createClone(card, model).present(), keys)).toMatchObject({ kind: "refused", why: "wrong key" });
  });

  it("that plays back a recorded proof is refused each time", async () => {
    const card = await personalised(createSmartCard({ model, uid }), keys);
    const frozen = (count: number) => new Uint8Array(count).fill(7);
    expect((await proofOf(card.present(), keys, { dice: frozen })).kind).toBe("proved");
    const replayer = createReplayer(card);
    for (let i = 0; i < 20; i += 1) expect((await proofOf(replayer, keys)).kind).toBe("refused");
    // it is a recording that fits: only our dice keep it out
    expect((await proofOf(replayer, keys, { dice: frozen })).kind).toBe("proved");
  });

  it("pulled away at any moment of its proof is gone, and proves itself afterwards", async () => {
    const card = await personalised(createSmartCard({ model, uid }), keys);
    for (let steps = 0; ; steps += 1) {
      card.leaveAfter(steps);
      const proof = await proofOf(card.present(), keys);
      if (proof.kind === "proved") break;
      expect(proof.kind).toBe("gone");
      expect(steps).toBeLessThan(10);
    }
  });
});

describe("the counter of an NTAG 424", () => {
  it("rises with every tap, and a second chip with the same keys that lags behind is refused", async () => {
    const card = await personalised(createSmartCard({ model: "ntag424", uid }), keys);
    let last = 0;
    const rises = async (_: string, counter: number) => {
      if (counter <= last) return "stale";
      last = counter;
      return "rises";
    };
    for (let tap = 0; tap < 3; tap += 1) expect((await proofOf(card.present(), keys, { counterRises: rises })).kind).toBe("proved");
    expect(last).toBe(3);
    const twin = createSmartCard({ model: "ntag424", uid });
    Object.assign(twin.chip, { ...card.chip, readCounter: 1 });
    twin.chip.keys.splice(0, 5, ...card.chip.keys);
    expect(await proofOf(twin.present(), keys, { counterRises: rises })).toMatchObject({ kind: "refused", why: "counter did not rise" });
  });

  it("is covered by the MAC: one that was written over on its way is refused", async () => {
    const card = await personalised(createSmartCard({ model: "ntag424", uid }), keys);
    const shown = card.present();
    const written = (asked: Uint8Array) => {
      const answer = shown.answer?.(asked) ?? null;
      if (asked[1] === 0xad && answer !== null) answer[answer.length - 3] = answer[answer.length - 3] === 0x30 ? 0x31 : 0x30;
      return answer;
    };
    expect(await proofOf({ ...shown, answer: written }, keys)).toMatchObject({ kind: "refused", why: "wrong key" });
  });

  it("names one card: a chip that shows another number is refused", async () => {
    const card = await personalised(createSmartCard({ model: "ntag424", uid }), keys);
    const shown = { ...card.present(), uid: "04FFFFFFFFFF80" };
    expect(await proofOf(shown, keys)).toMatchObject({ kind: "refused", why: "another number" });
  });
});

describe("a PN532's data exchange", () => {
  const answering = (...answers: readonly string[]) => {
    const asked: number[][] = [];
    const channel = createPn532Channel(1, async (data) => {
      asked.push([...data]);
      return { kind: "done", value: hex(answers[asked.length - 1] ?? "01") };
    });
    return { asked, channel };
  };
  it("puts an answer in parts together", async () => {
    const { asked, channel } = answering("40AABB", "00CC");
    expect(await channel.exchange(hex("9060000000"))).toEqual({ kind: "answer", bytes: hex("AABBCC") });
    expect(asked).toEqual([[1, 0x90, 0x60, 0, 0, 0], [1]]);
  });
  it.each([
    ["01", "the card has left"],
    ["2B", "the card has left"],
    ["13", "the card answered out of turn"],
    ["0A", "the module reports error 10"],
    ["80", "the card named a node that nobody asked for"],
    ["40", "an answer without an end"],
    ["", "an answer without a status"],
  ])("with status %s says: %s", async (status, why) =>
    expect(await answering(status).channel.exchange(hex("90"))).toEqual({ kind: "gone", why }),
  );
  it("gives up an answer that never ends, and refuses an APDU that no card takes", async () => {
    const endless = createPn532Channel(1, async () => ({ kind: "done", value: hex(`40${"00".repeat(200)}`) }));
    expect(await endless.exchange(hex("90"))).toEqual({ kind: "gone", why: "an answer without an end" });
    await expect(endless.exchange(new Uint8Array(exchangePartMax))).rejects.toThrow("261 bytes");
    const lost = createPn532Channel(1, async () => ({ kind: "failed", why: "line lost" }));
    expect(await lost.exchange(hex("90"))).toEqual({ kind: "gone", why: "line lost" });
  });
});
