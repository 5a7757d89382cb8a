/** A short year: three weeks over the end of a month, a few machines; the long one is a campaign. */
import { expect, it } from "vitest";
import { needSame, simulatedYear } from "../campaigns/year.ts";

it("the report says what happened: hours, sessions, people and coverage, with messages lost on the way", async () => {
  const figures = await simulatedYear({ seed: 7, from: "2027-03-25", days: 11, machines: 6, members: 60 });
  expect(() => needSame(figures)).not.toThrow();
  expect(figures).toMatchObject({ months: 2, sessionsWrong: 0, usersWrong: 0, uniquesWrong: 0, personDaysWrong: 0, coverageOffMs: 0 });
  expect(figures.sessions).toBeGreaterThan(100);
  expect(figures.lostEventMessages + figures.lostTelemetry).toBeGreaterThan(10);
});
