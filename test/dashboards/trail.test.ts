/** What was done to a member's record stands on their page in words, whatever the command. */
import { expect, test } from "vitest";
import { en } from "../../dashboards/locales/en.ts";
import { inputs } from "../../hub/ledger/inputs.ts";

/** About nobody who could still read it; or told as its like without the second PIN (security.md R48). */
const unread = ["eraseMember", "setDuressPin", "clearDuressPin"];

test("every command about a member has words on their page", () => {
  const about = Object.entries(inputs).flatMap(([name, input]) => {
    const shape = "shape" in input ? (input.shape as object) : {};
    return "member" in shape ? [name] : [];
  });
  expect(about.length).toBeGreaterThan(40);
  const messages: Readonly<Record<string, string>> = en.messages;
  expect(about.filter((name) => !unread.includes(name) && messages[`trail.${name}`] === undefined)).toEqual([]);
});
