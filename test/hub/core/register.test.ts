/** The register of constants (domain.md §4.8): every key has one home, is read, and says from where it is replaced. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settingsFrom, settingsProblem } from "#contract";
import {
  fixedKeys,
  fixedReason,
  keysOf,
  keysOfRegister,
  ofItself,
  type places,
  policyOf,
  register,
  settingNames,
} from "../../support/register.ts";

const keys = keysOfRegister();
const settings = settingNames();
const settingOf = new Map([...settings.keys()].flatMap((name) => keysOf(name).map((key) => [key, name])));

describe("each key of the register", () => {
  it("is replaced from one place, or is fixed for a reason that is given", () => {
    const homes = keys.map(([key]) => [
      key,
      [settingOf.get(key), policyOf(key), fixedReason(key)].filter((home) => home !== undefined).length,
    ]);
    expect(homes.filter(([, count]) => count !== 1)).toEqual([]);
    expect(fixedKeys.filter((key) => !keys.some(([known]) => known === key))).toEqual([]);
  });

  it("is within the limits of what may replace it", () => {
    const wrong = keys.flatMap(([key, value]) => {
      const name = settingOf.get(key);
      const place = settings.get(name ?? "")?.[0] as keyof typeof places | undefined;
      if (name === undefined || place === undefined || value === null || Array.isArray(value)) return [];
      const problem = settingsProblem(place, { [name]: value });
      return problem === null ? [] : [`${key}: ${problem}`];
    });
    expect(wrong).toEqual([]);
  });

  it("is read by a part of the program", () => {
    const files = execFileSync("git", ["ls-files", "hub/**/*.ts", "devices/**/*.ts"], { encoding: "utf8" }).split("\n");
    const program = files
      .filter((file) => file !== "" && !["hub/core/defaults.ts", "hub/contract/settings.ts"].includes(file))
      .map((file) => readFileSync(file, "utf8").replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, ""))
      .join("\n");
    /** `x.key`, `{ key } =`, `{ key: other } =`, `x["key"]`; by a name in hand: kinds and classes */
    const isRead = (key: string) => {
      const name = key.split(".").at(-1) ?? "";
      return new RegExp(`[.]${name}\\b|[{,]\\s*${name}(\\s*:\\s*\\w+)?\\s*(=[^=>]*)?[,}][^;()]*=`).test(program);
    };
    expect(keys.map(([key]) => key).filter((key) => key.includes(".") && !isRead(key))).toEqual([]);
    expect(
      Object.keys(register).filter((part) => !new RegExp(`\\b${part}\\b(?!["'\`])`).test(program.replace(/import[^;]*;/g, ""))),
    ).toEqual([]);
    expect(isRead("nobody.readsThisMs")).toBe(false);
  });
});

describe("each setting", () => {
  it("replaces a key of the register, or says what a place is", () => {
    expect([...settings.keys()].filter((name) => keysOf(name).length === 0 && !ofItself.includes(name))).toEqual([]);
  });

  it("that is unknown, out of its limits or of another kind is told in one sentence, and takes no other one with it", () => {
    expect(settingsProblem("door", { preAlarmMs: 5000, penaltyTries: 3 })).toBeNull();
    expect(settingsProblem("door", { onW: 5 })).toBe("onW: a door has no such setting; hub/README.md lists them");
    expect(settingsProblem("door", { toString: 5 })).toMatch(/^toString: a door has no such setting/);
    expect(settingsProblem("machine", { readerHoldMs: 60_000 })).toBe("readerHoldMs: Too big: expected number to be <=10000");
    expect(settingsProblem("node", { heartbeatMs: "often" })).toMatch(/^heartbeatMs: .*expected number/);
    expect(settingsFrom("door", { preAlarmMs: -1, rexShuntMs: 7000, of: "tomorrow" })).toEqual({ rexShuntMs: 7000 });
    expect(settingsFrom("door", undefined)).toEqual({});
  });
});
