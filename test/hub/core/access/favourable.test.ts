/** What cannot be known ahead refuses nobody; what is recorded still does. */
import { expect, it } from "vitest";
import type { ResourceFacts } from "#contract";
import { favourableLive } from "#core";
import { afternoon, asking, laser } from "./builders.ts";
import { answers } from "./rows.ts";

/** Every rule that looks at the place as it is now has something to look at. */
const demanding: ResourceFacts = {
  ...laser,
  minCreditCents: 500,
  checkIn: true,
  exclusiveGroup: "cutters",
  feed: { circuit: "hall", ratedW: 2000, budgetW: 3000 },
  memberLimit: 1,
  loneWorking: "forbid",
  capacity: { people: 1, mode: "deny" },
};

it("grants what only the moment could refuse", () => {
  expect(answers(asking(demanding, { live: favourableLive(afternoon) }))).toBe("grant GRANT");
  expect(answers(asking(demanding, { live: { ...favourableLive(afternoon), othersPresent: 0 } }))).not.toBe("grant GRANT");
});

it("lets a guest in as if the host were there", () => {
  const guest = { guest: { host: 4, untilMs: afternoon + 86_400_000, visitsLeft: 1 } };
  expect(answers(asking({ ...laser, guests: "with_host" }, { who: guest, live: favourableLive(afternoon) }))).toBe("grant GRANT");
});

it("knows of no session, no lockout and no node", () => {
  const { session, lockouts, revoked, online } = favourableLive(afternoon);
  expect({ session, lockouts, revoked, online }).toEqual({ session: null, lockouts: [], revoked: false, online: null });
});
