import { describe, expect, it } from "vitest";
import { parseSpaceApi } from "../../../hub/hosted/space-api.ts";
import { calendarText } from "../../../hub/neighbours/calendar.ts";
import { haPicture, isOurConfig } from "../../../hub/neighbours/home-assistant.ts";
import { metricsText } from "../../../hub/neighbours/metrics.ts";
import type { Picture } from "../../../hub/neighbours/picture.ts";
import { spaceApiDocument } from "../../../hub/neighbours/space-api.ts";

const picture: Picture = {
  ...{ name: "Koprades darbnīca", zone: "Europe/Riga", nowMs: 1_795_000_000_000, isOpen: true, openSinceMs: 1_794_990_000_500 },
  ...{ people: 7, members: 212 },
  doors: [
    { id: "front", label: "Front", status: "secure" },
    { id: "yard", label: "Yard", status: "unknown" },
  ],
  machines: [
    { id: "laser-1", label: 'Laser "1"', status: "busy", powerW: 431.6, energyTodayWh: 2 },
    { id: "saw-1", label: "Saw", status: "unknown", powerW: null, energyTodayWh: null },
  ],
  nodes: [{ id: "node-1", status: "online", lastSeenMs: 1_794_999_999_000, outboxDepth: 3, snapshotAgeMs: null }],
};
const given = { url: "https://example.org", logo: "https://example.org/logo.svg", email: "info@example.org", sensors: false };

describe("SpaceAPI", () => {
  const read = (more: object, shown: Picture = picture) => {
    const text = JSON.stringify(spaceApiDocument({ ...given, ...more }, shown));
    return { text, document: JSON.parse(text), validity: parseSpaceApi(text)?.valid };
  };
  it.each([{}, { sensors: true }, { sensors: true, address: "Rīgas iela 1, Valmiera", lat: 57.54, lon: 25.42 }])(
    "is valid in version 15 with %j",
    (more) => expect(read(more).validity?.["15"]).toBe(true),
  );
  it("says who is in, what is locked and what draws power only where the space wants it", () => {
    expect(read({}).document.sensors).toBeUndefined();
    expect(read({ sensors: true }).document.sensors).toEqual({
      people_now_present: [{ value: 7 }],
      total_member_count: [{ value: 212 }],
      door_locked: [{ value: true, location: "Front" }],
      power_consumption: [{ value: 432, unit: "W", location: 'Laser "1"' }],
    });
  });
  it("leaves out what it does not know", () => {
    const { document, validity } = read({}, { ...picture, isOpen: null });
    expect([document.state, validity?.["15"]]).toEqual([undefined, true]);
    expect(read({}, { ...picture, openSinceMs: null }).document.state).toEqual({ open: true });
  });
});

describe("metrics", () => {
  const text = metricsText(
    picture,
    {
      counts: new Map([["k", { point: "laser-1", result: "deny", reason: "TRAINING_MISSING", count: 4 }]]),
      durations: [2, 1, 0, 0, 0, 0, 0, 0, 1],
      durationSumS: 3.5,
    },
    "1.2.3",
  );
  const lines = text.split("\n");
  it("is in the text format: help, type and samples of each family together", () => {
    expect(text.endsWith("\n")).toBe(true);
    const families: string[] = [];
    for (const line of lines.slice(0, -1)) {
      const type = /^# TYPE (koprade_[a-z_]+) (counter|gauge|histogram)$/.exec(line);
      if (type !== null) families.push(type[1] ?? "");
      else if (!line.startsWith("# HELP ")) {
        const sample = /^(koprade_[a-z_]+)(\{([a-z]+="([^"\\]|\\.)*",?)+\})? [-+.e\dInf]+$/.exec(line);
        expect(sample?.[1]?.replace(/_(bucket|sum|count)$/, ""), line).toBe(families.at(-1));
      }
    }
    expect(new Set(families).size).toBe(families.length);
    expect(families).toHaveLength(12);
  });
  it("has what is known, in base units, and nothing else", () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'koprade_access_decisions_total{point="laser-1",result="deny",reason="TRAINING_MISSING"} 4',
        'koprade_machine_power_watts{machine="laser-1"} 431.6',
        'koprade_machine_energy_today_joules{machine="laser-1"} 7200',
        'koprade_machine_state{machine="saw-1",state="unknown"} 1',
        'koprade_node_last_seen_timestamp_seconds{node="node-1"} 1794999999',
        'koprade_decision_duration_seconds_bucket{le="0.005"} 3',
        'koprade_decision_duration_seconds_bucket{le="+Inf"} 4',
        "koprade_decision_duration_seconds_count 4",
        "koprade_people_present 7",
      ]),
    );
    expect(text).not.toMatch(/saw-1"\} \d|snapshot_age/);
  });
});

describe("the calendar", () => {
  const entries = [
    {
      uid: "class-night",
      fromMs: Date.parse("2026-12-01T16:00:00Z"),
      toMs: Date.parse("2026-12-01T18:30:00Z"),
      summary: "Lāzers; ievads, 1. daļa",
    },
  ];
  it("is iCalendar: escaped, in UTC, ended with CRLF", () => {
    const text = calendarText("Darbnīca", "valmiera", Date.parse("2026-11-29T10:00:00.500Z"), entries);
    expect(text.split("\r\n").slice(0, -1)).toEqual([
      ...["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Koprade//hub//EN", "X-WR-CALNAME:Darbnīca", "BEGIN:VEVENT"],
      ...["UID:class-night@valmiera.koprade", "DTSTAMP:20261129T100000Z", "DTSTART:20261201T160000Z", "DTEND:20261201T183000Z"],
      ...["SUMMARY:Lāzers\\; ievads\\, 1. daļa", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR"],
    ]);
  });
  it("folds long lines between letters", () => {
    const summary = "ā".repeat(100);
    const lines = calendarText("x", "y", 0, [{ ...entries[0], uid: "u", fromMs: 0, toMs: 1, summary }]).split("\r\n");
    expect(lines.filter((line) => Buffer.byteLength(line) > 75)).toEqual([]);
    expect(lines.join("").replace(/ (?=ā)/g, "")).toContain(summary);
  });
});

describe("Home Assistant", () => {
  const { configs, states } = haPicture("valmiera", "1.2.3", picture);
  const parsed = configs.map(({ topic, payload }) => ({ topic, config: JSON.parse(payload) }));
  it("gets a device for the space, each machine and each door, whole as its discovery wants it", () => {
    expect(parsed.map(({ topic }) => topic)).toEqual([
      "homeassistant/device/koprade_valmiera_hub/config",
      "homeassistant/device/koprade_valmiera_machine_laser-1/config",
      "homeassistant/device/koprade_valmiera_machine_saw-1/config",
      "homeassistant/device/koprade_valmiera_door_front/config",
      "homeassistant/device/koprade_valmiera_door_yard/config",
    ]);
    const ids: string[] = [];
    for (const { topic, config } of parsed) {
      expect(config, topic).toMatchObject({
        device: { identifiers: [topic.split("/")[2]] },
        origin: { name: "Koprade" },
        availability_topic: "koprade-status/valmiera/hub",
      });
      expect(
        states.map((state) => state.topic),
        "each has a state",
      ).toContain(config.state_topic);
      for (const part of Object.values<Record<string, unknown>>(config.components)) {
        expect(part, topic).toMatchObject({
          platform: expect.stringMatching(/^(binary_)?sensor$/),
          value_template: expect.stringContaining("value_json."),
        });
        ids.push(String(part.unique_id));
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });
  it("hears nothing: no configuration names a topic for commands", () => expect(JSON.stringify(parsed)).not.toMatch(/command|cmd_t/));
  it("gets null for what is not known, never zero", () => {
    const of = (topic: string) => JSON.parse(states.find((state) => state.topic === topic)?.payload ?? "");
    expect(of("koprade-status/valmiera/machine/laser-1")).toEqual({
      state: "busy",
      use: "ON",
      problem: "OFF",
      power_w: 432,
      energy_kwh: 0.002,
    });
    expect(of("koprade-status/valmiera/machine/saw-1")).toEqual({
      state: "unknown",
      use: null,
      problem: "OFF",
      power_w: null,
      energy_kwh: null,
    });
  });
  it("knows its own devices and leaves those of others alone", () =>
    expect(
      ["koprade_valmiera_machine_old", "koprade_malmo_machine_x", "zigbee"].map((id) =>
        isOurConfig("valmiera", `homeassistant/device/${id}/config`),
      ),
    ).toEqual([true, false, false]));
});
