/** One short walk over the real ledger; cli.test.ts walks over all commands. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Desk, openDesk } from "../hub/cli/desk.ts";

let desk: Desk;
beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
});
afterAll(() => desk.remove());

it("adds a member with a card, lists it, and says why a door that is not there opens for nobody", async () => {
  const added = await desk.run("member", "add", "Ada Ozola", "--card", "em4100:0A1B2C3D4E");
  expect(added).toEqual({ code: 0, out: "Added Ada Ozola as member 1.\n", err: "" });
  expect((await desk.run("member", "list")).out).toMatch(/1 +Ada Ozola +active +– +– +1/);
  const why = await desk.run("why", "--member", "Ada", "--at", "front-door");
  expect(why.code).toBe(1);
  expect(why.err).toBe(
    'koprade why: --at: there is no door or machine "front-door"; see `koprade door list` and `koprade machine list`.\n',
  );
});
it("refuses what the ledger refuses, with its sentence and its fix", async () => {
  const taken = await desk.run("member", "add", "Kim", "--card", "em4100:0A1B2C3D4E");
  expect(taken.code).toBe(1);
  expect(taken.err).toContain("This card belongs to member 1.");
  expect(taken.err).not.toContain("0A1B2C3D4E");
});
