/** What reports rest on beside the log: months that are closed for ever, and what is entered by hand and may be wrong. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { figuresOf } from "../../support/every-command.ts";
import { aLedger, realClock, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const nowMs = Date.parse("2026-11-30T22:00:00Z"); // midnight in Riga: November is over
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let change: Ledger["change"];
const rubbishHash = "71ca7d932e5a9bea82b11425bc83d474727bb94ecde72145e063f8b23b176ea3";
const newest = () => ledger.read.audit(1)[0];

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  change = ledger.change;
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

describe("closing a month", () => {
  const close = (month: string, figures: ReturnType<typeof figuresOf> = figuresOf(month), revision = 1, reason = "") =>
    change.closeMonth({ month, revision, reason, ...figures }, by);

  it.each([
    ["a month that no calendar has", () => close("2026-13"), "BAD_INPUT", "month"],
    ["a month of another age", () => close("0001-01"), "BAD_INPUT", "month"],
    ["a month that is not over", () => close("2026-12"), "CONFLICT", "2026-12 is not over yet"],
    ["a month to come", () => close("2099-01"), "CONFLICT", "not over yet"],
    [
      "figures with another hash",
      () => close("2026-11", { ...figuresOf("2026-11"), hash: "0".repeat(64) }),
      "BAD_INPUT",
      "another SHA-256",
    ],
    ["figures of another month", () => close("2026-11", figuresOf("2026-10")), "BAD_INPUT", "no figures of 2026-11 (month)"],
    ["figures of another zone", () => close("2026-11", figuresOf("2026-11", { zone: "Asia/Tokyo" })), "BAD_INPUT", "(zone)"],
    ["figures of half a month", () => close("2026-11", figuresOf("2026-11", { untilMs: 5 })), "BAD_INPUT", "(untilMs)"],
    ["figures of another kind", () => close("2026-11", figuresOf("2026-11", { schema: "rubbish/1" })), "BAD_INPUT", "(schema)"],
    ["figures without machines", () => close("2026-11", figuresOf("2026-11", { machines: "en" })), "BAD_INPUT", "(machines)"],
    ["what is no JSON", () => close("2026-11", { figures: "rubbish", hash: rubbishHash }), "BAD_INPUT", "(no JSON object)"],
    ["a second revision before the first", () => close("2026-11", figuresOf("2026-11"), 2), "CONFLICT", "0 revisions by now"],
  ])("refuses %s, in one sentence", async (_what, tried, code, sentence) => {
    await expect(tried()).rejects.toMatchObject({ code, message: expect.stringContaining(sentence) });
    expect(ledger.read.usage.closedMonths()).toEqual([]);
  });

  it("takes a month as soon as it is over, and a revision with a reason", async () => {
    expect(await close("2026-11")).toEqual({ number: 1, revision: 1 });
    await expect(close("2026-11", figuresOf("2026-11"), 2)).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(await close("2026-11", figuresOf("2026-11"), 2, "a node delivered late")).toEqual({ number: 2, revision: 2 });
    expect(newest()).toMatchObject({ action: "closeMonth", target: "month 2026-11" });
  });
});

describe("what is entered by hand", () => {
  const count = { on: "2026-11-30", kind: "class", people: 12, minutes: 90 } as const;
  const cost = { on: "2026-11-30", kind: "cost", source: "energy", cents: 1200, label: "Power" } as const;
  const november = ["2026-11-01", "2026-11-31"] as const;

  it("can be taken back, once, with a reason and by whom; the row stays", async () => {
    const { headcount } = await change.addHeadcount(count, by);
    expect(newest()).toMatchObject({ action: "addHeadcount", target: `headcount ${headcount}` });
    await change.addHeadcount({ ...count, people: 13 }, by);
    expect(ledger.read.usage.headcounts(...november)).toMatchObject([{ headcount, people: 12 }, { people: 13 }]);
    await change.undoHeadcount({ headcount, reason: "entered twice" }, "staff:7");
    expect(ledger.read.usage.headcounts(...november)).toMatchObject([{ people: 13 }]);
    expect(newest()).toMatchObject({ actor: "staff:7", action: "undoHeadcount", target: `headcount ${headcount}` });
    await expect(change.undoHeadcount({ headcount, reason: "again" }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(change.undoHeadcount({ headcount: 99, reason: "none" }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("so can costs and income", async () => {
    const { line } = await change.addMoney(cost, by);
    await change.addMoney({ ...cost, cents: 1300 }, by);
    await change.undoMoney({ line, reason: "wrong amount" }, by);
    expect(ledger.read.usage.money(...november)).toMatchObject([{ cents: 1300, label: "Power" }]);
    expect(newest()).toMatchObject({ action: "undoMoney", target: `line ${line}` });
    await expect(change.undoMoney({ line, reason: "again" }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(change.undoMoney({ line: 99, reason: "none" }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
