/** Lists of members from other systems: headers of four languages, and one sentence with line and remedy per bad row. */
import { describe, expect, it } from "vitest";
import { cardNumberOf } from "../../../hub/cli/values.ts";
import { readCsv } from "../../../hub/exchange/csv.ts";
import { type ImportSite, planImport } from "../../../hub/exchange/members-in.ts";

const site: ImportSite = {
  usualPlan: null,
  card: cardNumberOf,
  known: ({ externalRef, mail }) =>
    externalRef === "M-7" ? 7 : mail === "two@b.lv" ? { problem: "members 4 and 5 share its mail address." } : null,
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
      ...(text.includes("a@b.lv") ? { mail: "a@b.lv" } : {}),
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
    ["name,from\nAda,2026-01-01", "Line 2: has membership dates but no plan; name the plan, clear the dates, or give --plan."],
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
  it.each([
    ["name,email\nAda,ada at home", 'Line 2: "ada at home" is no mail address; correct or clear it.'],
    ["name,email\nAda,two@b.lv", "Line 2: members 4 and 5 share its mail address."],
    [`name,external id\nAda,${"9".repeat(61)}`, "Line 2: the number is longer than 60 characters; shorten it."],
  ])("%j: nobody is known by it", (text, sentence) => expect(first(text)).toBe(sentence));
  it("takes one person once, and a family with one address when each has a number", () => {
    const sentences = (text: string): (string | true)[] => {
      const plan = planOf(text);
      return plan.ok ? plan.results.map((row) => (row.ok ? true : row.sentence)) : [plan.sentence];
    };
    expect(sentences("name,email\nAda,A@b.lv\nBo,a@B.lv")).toEqual([
      true,
      "Line 3: has the same mail address as line 2; keep one of them.",
    ]);
    expect(sentences("external id,name,email\n1,Ada,a@b.lv\n2,Bo,a@b.lv\n1,Cy,")).toEqual([
      true,
      true,
      "Line 4: has the same number as line 2; keep one of them.",
    ]);
  });
  it("leaves a card with whoever has it, when the list is about them", () => {
    expect(first("external id,name,card\nM-7,Gita,em4100:00DEADBEEF")).toMatchObject({ externalRef: "M-7", cards: ["em4100:00DEADBEEF"] });
  });
  it.each([
    [
      "Fabman",
      "memberNumber,firstName,lastName,emailAddress,phone,zip,countryCode,key,keyType\nF-12,Ada,Ozola,a@b.lv,+371 1,LV-4201,LV,0A1B2C3D4E,EM4102",
      { displayName: "Ada Ozola", externalRef: "F-12", mail: "a@b.lv", cards: ["em4100:0A1B2C3D4E"], courses: [] },
    ],
    [
      "Makeradmin",
      "Member Number,First Name,Last Name,Email,Labaccess End Date,Membership End Date\n1023,Ada,Ozola,a@b.lv,2026-05-01,2026-12-31",
      { displayName: "Ada Ozola", externalRef: "1023", mail: "a@b.lv", cards: [], courses: [], plan: "full", validThrough: "2026-12-31" },
    ],
    [
      "Wild Apricot",
      "User ID,First name,Last name,Organization,Email,Phone,Membership enabled,Membership level,Membership status,Member since,Renewal due\n5550,Ada,Ozola,,a@b.lv,,yes,Full,Active,2026-01-02T00:00:00,2026-12-31T00:00:00",
      {
        displayName: "Ada Ozola",
        externalRef: "5550",
        mail: "a@b.lv",
        cards: [],
        courses: [],
        plan: "full",
        from: "2026-01-02",
        validThrough: "2026-12-31",
      },
    ],
  ])("may come from %s", (_system, text, row) => {
    const read = readCsv(new TextEncoder().encode(text));
    const plan = read.ok ? planImport(read.records, { ...site, usualPlan: "full" }) : undefined;
    expect(plan?.ok && plan.results[0]).toEqual({ line: 2, name: "Ada Ozola", ok: true, row });
  });
  it("names both lines when two people have one card, however it is spelled", () => {
    const plan = planOf("name,card\nAda,em4100:0A1B2C3D4E\nKim,0a1b2c3d4e");
    expect(plan.ok && plan.results[1]).toMatchObject({
      ok: false,
      sentence: "Line 3: has the same card as line 2; one card belongs to one person.",
    });
  });
  it("says which columns it does not keep", () => {
    const plan = planOf("name,email,shoe size\nAda,a@b.lv,38");
    expect(plan.ok && plan.ignored).toEqual(["shoe size"]);
  });
  it("repeats no card number in any sentence", () => {
    const plan = planOf("name,card\nAda,em4100:00DEADBEEF\nBo,DEADBEE\nCy,iso14443a:DEADBEEF");
    expect(plan.ok && plan.results.every((row) => !row.ok)).toBe(true);
    expect(JSON.stringify(plan)).not.toMatch(/DEADBEE/i);
  });
});
