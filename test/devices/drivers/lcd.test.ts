/** The writer of character displays against a display that decodes what it is sent, dot by dot. */
import { describe, expect, it } from "vitest";
import { code } from "#contract";
import { explainCode, hints, locales, shortText } from "#core";
import { createLcdWriter, isAwake, type LcdWriter } from "../../../devices/drivers/lcd.ts";
import { glyphOf, letterOf, plainOf } from "../../../devices/drivers/lcd-letters.ts";
import { createLcd } from "../../../simulators/hardware/lcd.ts";

function plugged(columns = 20, rows = 2) {
  const writer = createLcdWriter({ columns, rows });
  const lcd = createLcd(columns, rows, letterOf);
  const sent: number[] = [];
  const send = (bytes: Uint8Array) => {
    sent.push(bytes.length);
    for (const byte of bytes) lcd.write(byte);
  };
  const wake = () => {
    for (const { bytes } of writer.wake()) send(bytes);
  };
  const finish = (of: LcdWriter = writer) => {
    for (let piece = of.next(); piece !== null; piece = of.next()) send(piece);
  };
  const show = (...lines: string[]) => {
    writer.want(lines);
    finish();
    return lcd.lines();
  };
  return { lcd, writer, sent, wake, finish, show };
}

describe("a character display", () => {
  it("shows its lines after it was woken, fills the rest with blanks, and cuts what is too long", () => {
    const { lcd, show, wake, sent } = plugged();
    wake();
    expect(show("No access", "Training needed")).toEqual(["No access           ", "Training needed     "]);
    expect(lcd.isLit()).toBe(true);
    expect(show("x".repeat(30))).toEqual(["x".repeat(20), " ".repeat(20)]);
    expect(Math.max(...sent)).toBeLessThanOrEqual(29);
  });

  it("writes only what changes", () => {
    const { show, wake, sent } = plugged();
    wake();
    show("Laser", "Tap your card");
    sent.length = 0;
    show("Laser", "Tap your cart");
    expect(sent.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(10);
    sent.length = 0;
    show("Laser", "Tap your cart");
    expect(sent).toEqual([]);
  });

  it.each([
    [16, 2],
    [16, 4],
    [20, 4],
  ])("knows where the lines of %d × %d are", (columns, rows) => {
    const { show, wake } = plugged(columns, rows);
    wake();
    const lines = Array.from({ length: rows }, (_, row) => String(row).repeat(columns));
    expect(show(...lines)).toEqual(lines);
  });

  it("says every short text of every language as it is written", () => {
    const { show, wake } = plugged();
    wake();
    const wrong = locales.flatMap((locale) =>
      [...code.options, ...hints].flatMap((key) => {
        const text = shortText(key, locale);
        const lines = show(...text).map((line) => line.trimEnd());
        return lines[0] === text[0] && lines[1] === text[1] ? [] : [[text, lines]];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("says the same through a board that makes the halves by itself", () => {
    const { lcd, wake, writer } = plugged();
    wake();
    writer.want(["Lāzergriezējs šķīst", "æøå ÆØÅ"]);
    for (let run = writer.nextRun(); run !== null; run = writer.nextRun()) {
      const control = run.isData ? 9 : 8;
      expect(run.bytes.length).toBeLessThanOrEqual(16);
      lcd.write(control);
      for (const half of run.bytes.flatMap((byte) => [byte & 0xf0, (byte << 4) & 0xf0])) {
        lcd.write(half | control | 4);
        lcd.write(half | control);
      }
    }
    expect(lcd.lines()).toEqual(["Lāzergriezējs šķīst ", "æøå EOA             "]);
  });

  it("draws each letter of the catalogue that is not ASCII, no two alike, and has a plain one for it", () => {
    const texts = locales.flatMap((locale) => code.options.flatMap((key) => Object.values(explainCode(key, locale)).flat()));
    const letters = [...new Set(texts.join(""))].filter((letter) => letter > "}" && !"–…’„”".includes(letter));
    expect(letters.filter((letter) => glyphOf(letter)?.length !== 8)).toEqual([]);
    for (const letter of [..."āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽåäöøæÅÄÖØÆé"]) expect(letterOf(glyphOf(letter) ?? [])).toBe(letter);
    expect(["š", "ø", "–", "日", "\\"].map(plainOf)).toEqual(["s", "o", "-", "?", "/"]);
  });

  it("has room for eight drawn letters at a time; the ninth goes without its mark, and old ones make room", () => {
    const { show, wake } = plugged();
    wake();
    expect(show("āčēģīķļņšū")[0]?.trimEnd()).toBe("āčēģīķļņsu");
    expect(show("āčēģīķļņ", "å")).toEqual(["āčēģīķļņ            ", "a                   "]);
    expect(show("šūž", "ā")).toEqual(["šūž                 ", "ā                   "]);
  });

  it("is woken anew after its power was gone, and shows the same", () => {
    const { lcd, wake, show, finish } = plugged();
    wake();
    show("Välkommen", "Klar för dig");
    expect(isAwake(lcd.read())).toBe(true);
    lcd.unplug();
    lcd.plugIn();
    expect([isAwake(lcd.read()), lcd.lines()]).toEqual([false, ["", ""]]);
    wake();
    finish();
    expect(lcd.lines()).toEqual(["Välkommen           ", "Klar för dig        "]);
  });
});
