/** Words of reports: nothing stands in English that the reader's language has a word for, and no two values get the same one. */
import { describe, expect, it } from "vitest";
import { reportingInputs } from "../../../hub/ledger/inputs-reporting.ts";
import { methods } from "../../../hub/reports/methods.ts";
import { languages } from "../../../hub/reports/types.ts";
import { methodIn } from "../../../hub/reports/words-methods.ts";
import { backgroundIn, eventKindIn, targetGroupIn } from "../../../hub/reports/words-values.ts";

/** reports.md §4.5, as short names */
const funderGroups = [
  "pupil",
  "student",
  "youth",
  "start-up",
  "existing-company",
  "educator",
  "senior",
  "other-adult",
  "visitor",
  "not-stated",
];
const kinds = reportingInputs.addHeadcount.shape.kind.options;
/** What stands in formulas of every language: metrics, signs, units. */
const universal = /\b(?:[A-Z]\d\d?(?:\.\w+)*|CO|kWh|min|max|median|Gini|g|h|d|s|y)\b/g;

describe("definitions", () => {
  it.each(["lv", "sv", "nb"] as const)("stand in %s without a word of English left in them", (language) => {
    const english = new Set(Object.values(methods).flatMap((formula) => wordsOf(formula)));
    // Words of that language that English spells alike.
    const shared = new Set(
      { lv: ["no", "to"], sv: ["pass", "person", "material", "start"], nb: ["for", "person", "sum", "reserve", "start", "node"] }[language],
    );
    const left = Object.keys(methods).flatMap((id) =>
      wordsOf(methodIn(language, id) ?? "")
        .filter((word) => english.has(word) && !shared.has(word))
        .map((word) => `${id}: ${word}`),
    );
    expect(left).toEqual([]);
  });
  it("keep every number and every metric that they speak of", () => {
    const facts = (formula: string) =>
      (formula.match(/\b[A-Z]\d\d?(?:\.\w+)*\b|\d+/g) ?? []).filter((fact) => fact !== "00" && fact !== "04").sort();
    for (const language of languages)
      for (const [id, formula] of Object.entries(methods))
        expect(facts(methodIn(language, id) ?? ""), `${id} in ${language}`).toEqual(facts(formula));
  });
});

function wordsOf(formula: string): string[] {
  return (formula.replace(universal, " ").match(/\p{L}{2,}(?:_\p{L}+)*/gu) ?? []).map((word) => word.toLowerCase());
}

describe("kinds of events and groups of people", () => {
  it.each(languages)("have words in %s, each its own", (language) => {
    const [events, groups] = [
      kinds.map((kind) => eventKindIn(language, kind)),
      funderGroups.map((group) => targetGroupIn(language, group)),
    ];
    for (const [words, values] of [
      [events, kinds],
      [groups, funderGroups],
    ] as const) {
      expect(new Set(words).size).toBe(values.length);
      expect(words.filter((word) => (values as readonly string[]).includes(word))).toEqual([]);
    }
  });
  it("of a space's own making stay as they are, whatever they are called", () => {
    expect(["club", "constructor", "__proto__"].map((value) => targetGroupIn("lv", value))).toEqual(["club", "constructor", "__proto__"]);
    expect(backgroundIn("sv", "school", "student")).toBe("student");
    expect(backgroundIn("sv", "school", "not-stated")).toBe("Inte angivet");
  });
});
