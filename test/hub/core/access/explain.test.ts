/** A decision in words: for the member in four short sentences and every language, for small displays, for staff rule by rule. */
import { describe, expect, it } from "vitest";
import type { Code } from "#contract";
import { denyCodes, grantCodes } from "#contract";
import { decide, explain, explainCode, hints, idleText, locales, nextText, rulesInWords, shortText, traceOf } from "#core";
import { afternoon, asking, beside, door, laser, onNode } from "./builders.ts";
import { causes } from "./causes.ts";

const codes: readonly Code[] = [...grantCodes, ...denyCodes];

describe("the member is told", () => {
  it("what, why, what to do next and who can help", () => {
    expect(explain(decide(causes.TRAINING_MISSING), "en")).toEqual({
      what: "Not possible now.",
      why: "You have no training for it.",
      next: "Book the introduction.",
      who: "A trainer can help.",
      short: ["No access", "Training needed"],
    });
    expect(explain(decide(asking(laser)), "en")).toEqual({
      what: "Go ahead.",
      why: "You may use it.",
      next: "",
      who: "",
      short: ["Welcome", "Ready for you"],
    });
  });
  it("to wait where one more step is needed, or was taken", () => {
    const waiting = codes.filter((code) => explainCode(code, "en").what === "One more step.");
    expect(waiting).toEqual([
      "DUPLICATE_REQUEST",
      "ENROLMENT_CAPTURED",
      "FACTOR_REQUIRED",
      "AWAIT_HANDOVER",
      "AWAIT_SUPERVISOR",
      "AWAIT_SECOND_PERSON",
    ]);
    for (const code of waiting) expect(shortText(code, "en")[0]).toBe("Please wait");
  });
  it("of a grant as of one, and of everything else as of a refusal", () => {
    expect(codes.filter((code) => explainCode(code, "en").what === "Go ahead.")).toEqual(grantCodes);
    expect(codes.filter((code) => explainCode(code, "sv").short[0] === explainCode("HOLD_ACTIVE", "sv").short[0]).length).toBe(
      denyCodes.length - 6,
    );
  });
  it("what the machine itself says to do next, in their language", () => {
    const own = { TRAINING_MISSING: { sv: "Tisdagar kl. 18." } };
    expect(explain({ reason: "TRAINING_MISSING" }, "sv", own).next).toBe("Tisdagar kl. 18.");
    expect(explain({ reason: "TRAINING_MISSING" }, "en", own)).toEqual(explainCode("TRAINING_MISSING", "en"));
    expect(explain({ reason: "HOLD_ACTIVE" }, "sv", own)).toEqual(explainCode("HOLD_ACTIVE", "sv"));
  });
  it("of a revoked card as of an unknown one", () => {
    for (const locale of locales) expect(explainCode("CREDENTIAL_REVOKED", locale)).toEqual(explainCode("UNKNOWN_CREDENTIAL", locale));
  });
  it("in every language, within two lines of twenty characters", () => {
    for (const locale of locales) {
      for (const key of [...codes, ...hints])
        for (const line of shortText(key, locale)) expect(line.length, `${locale} ${key}: "${line}"`).toBeLessThanOrEqual(20);
      for (const code of codes) expect(explainCode(code, locale).why, code).not.toBe("");
    }
    expect(locales.map((locale) => explainCode("GRANT", locale).what)).toEqual(["Go ahead.", "Lūdzu.", "Varsågod.", "Vær så god."]);
  });
  it.each(locales)("in %s never nothing: what, both lines of the display, and of a refusal what to do next", (locale) => {
    const isEmpty = (text: string): boolean => text.trim() === "";
    const wanting = codes.filter((code) => {
      const { what, why, next, short } = explainCode(code, locale);
      const isRefusal = denyCodes.some((deny) => deny === code);
      return [what, why, ...short, ...(isRefusal ? [next] : [])].some(isEmpty);
    });
    expect(wanting).toEqual([]);
    expect(hints.filter((hint) => shortText(hint, locale).some(isEmpty))).toEqual([]);
  });
  it("a hint under its own heading", () => {
    expect([shortText("granted", "en"), shortText("close_the_door", "en")]).toEqual([
      ["Welcome", "Ready for you"],
      ["Please note", "Close the door"],
    ]);
  });
});

describe("staff read", () => {
  const lines = (input: Parameters<typeof traceOf>[0]) => rulesInWords(traceOf(input));
  it("every rule in order, what it looks at and what it says", () => {
    const trace = lines(asking(laser));
    expect(trace.map((line) => line.slice(0, 3))).toEqual(trace.map((line) => line.slice(0, 3)).toSorted());
    expect([...new Set(trace.map((line) => line.slice(0, 3)))].join(" ")).toBe(
      "R00 R01 R02 R03 R04 R10 R11 R20 R21 R30 R31 R32 R33 R34 R40 R41 R42 R43 R44 R45 R46 R50 R51 R52 R53 " +
        "R60 R61 R62 R63 R64 R65 R66 R67 R68 R69 R70 R71 R72 R73 R80 R81 R82 R83 R84 R90 R91",
    );
    expect([trace[0], trace[7]]).toEqual(["R00  the node is adopted and the channel is bound: fine", "R20  no evacuation: fine"]);
  });
  it("each verdict in plain words", () => {
    const said = (rule: string, input: Parameters<typeof traceOf>[0]) => lines(input).filter((line) => line.startsWith(rule));
    expect(said("R40", causes.MEMBER_SUSPENDED)).toEqual(["R40  the member is in good standing: refuses (MEMBER_SUSPENDED)"]);
    expect(said("R10", asking(door, { kind: "exit" }))).toEqual(["R10  somebody wants out: grants (GRANT_EGRESS)"]);
    expect(said("R02", causes.DUPLICATE_REQUEST)).toEqual([
      "R02  this very request was not answered before: leaves all as it is (DUPLICATE_REQUEST)",
    ]);
    expect(said("R80", causes.AWAIT_SECOND_PERSON)).toEqual(["R80  two people where two are needed: waits (AWAIT_SECOND_PERSON)"]);
    expect(said("R84", asking({ ...door, antiPassback: true }, { live: { memberInside: true } }))).toEqual([
      "R84  the member is not inside already: warns (ANTI_PASSBACK)",
    ]);
    expect(said("R67", asking({ ...laser, exclusiveGroup: "dusty" }, { rest: { where: onNode(0, true) } }))).toEqual([
      "R67  no other machine of its group is running: only the hub knows (EXCLUSIVE_CONFLICT)",
      "R67  the circuit can carry it as well: does not apply",
    ]);
    const accessories = [{ accessory: "rotary", label: "Rotary axis" }];
    const withheld = asking({ ...laser, accessories }, { who: { accessories: { rotary: { level: "none", untilMs: null } } } });
    expect(said("R72", withheld)).toEqual(["R72  the training each accessory needs: withholds a part (TRAINING_MISSING)"]);
    const teach = asking(laser, { kind: "teach", rest: { companions: [beside(4, { roles: ["trainer"] })] } });
    expect(said("R70", teach)[0]).toBe("R70  the training it needs: fine (GRANT_TEACH)");
  });
  it("of a broken fact that it refuses", () => {
    expect(lines(causes.INTERNAL_ERROR)).toContain("R51  opening hours and special days: refuses (INTERNAL_ERROR)");
  });
});

describe("the order of the rules", () => {
  it("lets nothing decisive pass over a failed check of integrity", () => {
    const stale = asking(door, { who: { roles: ["responder"] }, question: { ageMs: 60_000 }, rest: { mode: "evacuate" } });
    expect(decide(stale)).toMatchObject({ outcome: "deny", reason: "REQUEST_STALE", also: [] });
  });
  it("waits only if nothing refuses", () => {
    const session = { member: 3, phase: "busy", idleForMs: 0 } as const;
    const untrained = { competence: { level: "none", untilMs: afternoon } } as const;
    expect(decide(asking({ ...laser, sharing: "handover" }, { who: untrained, live: { session } }))).toMatchObject({
      outcome: "deny",
      reason: "TRAINING_MISSING",
      also: ["AWAIT_HANDOVER"],
    });
  });
});

describe("a small display", () => {
  it("invites while nobody is told anything, else says how it stands", () => {
    expect([idleText("tap", "en"), idleText("open", "en")].map((text) => text.length > 0 && text.length <= 20)).toEqual([true, true]);
    expect(idleText("tap", "en")).not.toBe(idleText("open", "en"));
    expect(idleText("OUT_OF_ORDER", "sv")).toBe(shortText("OUT_OF_ORDER", "sv")[1]);
  });
  it("says what to do next: the place's own advice, else the usual one, and nothing after a hint", () => {
    const own = { TRAINING_MISSING: { en: "Ask Tia." } };
    expect(nextText("TRAINING_MISSING", "en", own)).toBe("Ask Tia.");
    expect(nextText("TRAINING_MISSING", "lv", own)).toBe(explainCode("TRAINING_MISSING", "lv").next);
    expect(nextText("TRAINING_MISSING", "en")).toBe(explainCode("TRAINING_MISSING", "en").next);
    expect(nextText("granted", "en", own)).toBe("");
  });
});
