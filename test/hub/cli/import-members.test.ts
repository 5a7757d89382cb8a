/** Lists of members from other systems: headers of four languages, and one sentence with line and remedy per bad row. */
import { describe, expect, it } from "vitest";
import { readCsv } from "../../../hub/cli/csv.ts";
import { type ImportSite, planImport } from "../../../hub/cli/import-members.ts";

const site: ImportSite = {
  plan: (text) => ({ full: "full", "pilna dalība": "full" })[text],
  course: (text) => ({ laser: "laser-basics", "laser-basics": "laser-basics", saw: "saw" })[text],
  holder: (number) => (number === "em4100:00DEADBEEF" ? 7 : null),
  keyOf: (number) => `key of ${number}`,
};
const planOf = (text: string) => {
  const read = readCsv(new TextEncoder().encode(text));
  if (!read.ok) throw new Error(read.sentence);
  return planImport(read.records, site);
};
const first = (text: string) => {
  const plan = planOf(text);
  if (!plan.ok) return plan.sentence;
  const row = plan.results[0];
  return row === undefined ? "no row" : row.ok ? row.row : row.sentence;
};

describe("a list of members", () => {
  it.each([
    [
      "English",
      "Name,E-mail,Card number,Plan,From,Through,Trainings\nAda Ozola,a@b.lv,em4100:0A1B2C3D4E,full,2026-01-01,2026-12-31,laser|saw",
    ],
    [
      "Latvian",
      "Vārds;Uzvārds;E-pasts;Kartes nr.;Plāns;No;Līdz;Apmācības\nAda;Ozola;a@b.lv;0A1B2C3D4E;Pilna dalība;01.01.2026.;31.12.2026.;laser, saw",
    ],
    [
      "Swedish",
      "Förnamn;Efternamn;E-post;Kortnummer;Medlemskap;Från;Till och med;Utbildningar\nAda;Ozola;;em4100:0a1b2c3d4e;full;2026-01-01;2026-12-31;laser|saw",
    ],
    [
      "Norwegian",
      "Navn;E-post;Kort;Medlemskap;Fra;Til og med;Opplæring\nAda  Ozola;;em4100:0A 1B 2C 3D 4E;FULL;1.1.2026;31.12.2026;Laser|saw",
    ],
  ])("may have %s headers", (_language, text) => {
    expect(first(text)).toEqual({
      displayName: "Ada Ozola",
      locale: "en",
      cards: ["em4100:0A1B2C3D4E"],
      plan: "full",
      from: "2026-01-01",
      validThrough: "2026-12-31",
      courses: ["laser-basics", "saw"],
    });
  });
  it.each([
    ["name,card\n,em4100:0A1B2C3D4E", "Line 2: has no name; fill it in or delete the line."],
    [`name\n${"x".repeat(61)}`, "Line 2: the name is longer than 60 characters; shorten it."],
    ["name,plan,from\nAda,full,12/11/2026", 'Line 2: "12/11/2026" is no date; write 2026-12-31 or 31.12.2026.'],
    ["name,plan,from\nAda,full,2026-02-30", 'Line 2: "2026-02-30" is no date; write 2026-12-31 or 31.12.2026.'],
    ["name,plan,from,through\nAda,full,2026-12-01,2026-01-01", "Line 2: the membership ends before it begins; check both dates."],
    ["name,plan\nAda,gold", 'Line 2: there is no plan "gold"; make it with `koprade plan add`, or correct the name.'],
    ["name,from\nAda,2026-01-01", "Line 2: has membership dates but no plan; name the plan or clear the dates."],
    ["name,trainings\nAda,welding", 'Line 2: there is no course "welding"; make it with `koprade course add`, or correct the name.'],
    ["name,language\nAda,fi", 'Line 2: "fi" is no language of koprade; write en, lv, sv or nb.'],
    ["name,card\nAda,12345", "Line 2: the card number has 5 digits; 10 belong to an EM4100 card, 8, 14 or 20 to an ISO 14443 A card."],
    [
      "name,card\nAda,0012345678",
      "Line 2: the card number could be decimal or hexadecimal; write em4100: and the ten hexadecimal digits that a reader gives.",
    ],
    ["name,card\nAda,iso14443a:08A1B2C3", "Line 2: the card number changes at every tap (a phone or a privacy card); use another card."],
    [
      "name,card\nAda,em4100:00DEADBEEF",
      "Line 2: the card belongs to member 7 already; remove the row, or block the card there as returned.",
    ],
    ["name,card\nAda,x,y", "Line 2: has 3 cells for 2 columns; put quotes around text with a separator in it."],
    ["card,plan\n1,full", 'Line 1: no column is called "name" (or vārds, namn, navn); the first line names the columns.'],
    [
      "name,personas kods\nAda,1",
      'The column "personas kods" holds national identity numbers, which koprade does not keep; remove the column.',
    ],
    ["name,name\nAda,Ada", 'Line 1: two columns are called "name"; rename one.'],
    ["name\n", "The file has column names but no rows."],
    ["", "The file is empty; its first line names the columns, such as name,card,plan."],
  ])("%j is answered with a sentence", (text, sentence) => expect(first(text)).toBe(sentence));
  it("names both lines when two people have one card, however it is spelled", () => {
    const plan = planOf("name,card\nAda,em4100:0A1B2C3D4E\nKim,0a1b2c3d4e");
    expect(plan.ok && plan.results[1]).toMatchObject({
      ok: false,
      sentence: "Line 3: has the same card as line 2; one card belongs to one person.",
    });
  });
  it("says which columns it does not keep", () => {
    const plan = planOf("name,email,shoe size\nAda,a@b.c,38");
    expect(plan.ok && plan.ignored).toEqual(["email", "shoe size"]);
  });
  it("repeats no card number in any sentence", () => {
    const plan = planOf("name,card\nAda,em4100:00DEADBEEF\nBo,DEADBEE\nCy,iso14443a:DEADBEEF");
    expect(plan.ok && plan.results.every((row) => !row.ok)).toBe(true);
    expect(JSON.stringify(plan)).not.toMatch(/DEADBEE/i);
  });
});
