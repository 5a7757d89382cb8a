import { describe, expect, it } from "vitest";
import {
  digestText,
  isQuiet,
  locales,
  noticeKinds,
  noticeOfEnd,
  noticeText,
  noticeTopics,
  type SessionRecord,
  topicName,
  topicOfKind,
} from "#core";

const record: SessionRecord = {
  ...{ session: "s", node: "n", ch: "c", member: 7, decision: "d", phase: "closed", provisional: false },
  ...{ startMs: 0, endMs: 108_300_000, endReason: "job_complete", busyMs: 1, energyWh: 2345, isLeft: true },
  jobs: [{ state: "complete", startMs: 0, endMs: 1, heatingWh: 310, workWh: 2000, countedToWh: 2310 }],
};

describe("a notice of the end", () => {
  it("goes to whoever left, with what the job took", () =>
    expect(noticeOfEnd(record, "Printer")).toEqual({
      kind: "job_complete",
      facts: { label: "Printer", lastedMs: 108_300_000, energyWh: 2345, heatingWh: 310, workWh: 2000 },
    }));
  it("says no parts that are not known", () =>
    expect(
      noticeOfEnd({ ...record, jobs: [{ state: "complete", startMs: 0, endMs: 1, heatingWh: null, workWh: 5, countedToWh: 5 }] }, "P"),
    ).toEqual({
      kind: "job_complete",
      facts: { label: "P", lastedMs: 108_300_000, energyWh: 2345 },
    }));
  it.each([
    ["job_failed", "job_failed"],
    ["power_lost", "job_ended"],
    ["lockout", "job_ended"],
  ] as const)("after %s is %s", (endReason, kind) => expect(noticeOfEnd({ ...record, endReason }, "P")?.kind).toBe(kind));
  it("claims no success that nobody told: an end by power alone, or after the controller fell silent, is over", () => {
    const { jobs: _jobs, ...byPower } = record;
    const silent = { ...record, jobs: [{ state: "unknown", startMs: 0, endMs: 1, countedToWh: null }] } as const;
    expect([noticeOfEnd(byPower, "P")?.kind, noticeOfEnd(silent, "P")?.kind]).toEqual(["job_over", "job_over"]);
  });
  it("is none for whoever stood there, and none before the end", () => {
    const { isLeft: _left, ...there } = record;
    expect([noticeOfEnd(there, "P"), noticeOfEnd({ ...record, endMs: null }, "P")]).toEqual([null, null]);
  });
});

describe("a notice in words", () => {
  const facts = {
    label: "Printer",
    lastedMs: 108_300_000,
    energyWh: 2345,
    heatingWh: 310,
    workWh: 2000,
    untilMs: 1_795_000_000_000,
    day: "2026-12-31",
    count: 4,
  };
  it("says what, what next, why it came and how to stop it", () =>
    expect(noticeText("en", "job_complete", facts, "Europe/Riga")).toEqual({
      title: "Printer: your job is done",
      lines: [
        "Session of 30 h 5 min, 2.35 kWh.",
        "Heating 0.31 kWh, work 2.00 kWh.",
        "Please come and clear the machine.",
        "You get this because you left the job running. To stop it: My choices, on the pages, or tell staff.",
      ],
    }));
  it("tells the time of the space", () =>
    expect(
      noticeText("sv", "override_given", { label: "Laser", untilMs: Date.parse("2026-11-25T10:00:00Z") }, "Europe/Riga").lines[0],
    ).toContain("2026-11-25 12:00"));
  it("is whole in every language, with the commas of the language", () => {
    for (const locale of locales) {
      for (const kind of noticeKinds) {
        const { title, lines } = noticeText(locale, kind, facts, "Europe/Riga");
        expect(
          [title, ...lines].filter((line) => line.length < 6 || line.length > 130 || /[{}]/.test(line)),
          `${locale} ${kind}`,
        ).toEqual([]);
      }
    }
    expect(noticeText("lv", "job_complete", facts, "Europe/Riga").lines[1]).toBe("Sildīšana 0,31 kWh, darbs 2,00 kWh.");
  });
});

describe("a topic", () => {
  it("has every kind once, so that each can be switched off", () => {
    const all = Object.values(noticeTopics).flatMap(({ kinds }) => kinds);
    expect([...all].sort()).toEqual([...noticeKinds].sort());
    expect(Object.entries(noticeTopics).every(([topic, { kinds }]) => kinds.every((kind) => topicOfKind(kind) === topic))).toBe(true);
  });
  it("has a name of its own in every language", () => {
    for (const locale of locales) {
      const names = Object.keys(noticeTopics).map((topic) => topicName(locale, topic as keyof typeof noticeTopics));
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

it("several in one are a line each, and say once for each topic why they came", () => {
  const { title, lines } = digestText(
    "nb",
    [
      { kind: "job_complete", facts: { label: "Printer" } },
      { kind: "job_failed", facts: { label: "Laser" } },
      { kind: "booking_soon", facts: { label: "Sag", untilMs: 0 } },
    ],
    "Europe/Oslo",
  );
  expect(title).toBe("Koprade: 3 varsler");
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe("– Printer: jobben din er ferdig");
});

it.each([
  ["22:00", "07:00", "23:00", true],
  ["22:00", "07:00", "06:59", true],
  ["22:00", "07:00", "07:00", false],
  ["22:00", "07:00", "21:59", false],
  ["12:00", "13:00", "12:30", true],
  ["12:00", "13:00", "13:00", false],
  ["12:00", "12:00", "12:00", false],
])("quiet from %s to %s: %s is %s", (from, until, at, quiet) => {
  const [hour = 0, minute = 0] = at.split(":").map(Number);
  expect(isQuiet({ from, until }, hour * 60 + minute)).toBe(quiet);
});
