/** The foreign families that have recorded lines, and what is known of these. */

export type FamilyFixture = {
  readonly file: string;
  /** keys that say where, not how much, or numbers that came as text */
  readonly places: readonly string[];
  /** lines that hold no message to decode, or whose expectation we judge wrong, each with the reason */
  readonly noMessage: Readonly<Record<string, string>>;
};

const noData = "a summary or statistics: the line holds no message";
const family = (file: string, places: readonly string[] = [], noMessage: Readonly<Record<string, string>> = {}): FamilyFixture => ({
  file,
  places,
  noMessage,
});

export const jsonFamilies: readonly FamilyFixture[] = [
  family("tasmota", ["index", "uptime_s"]),
  family("shelly_gen1", ["channel"]),
  family("shelly_gen2", ["channel", "channels", "nonce"]),
  family("esp_rfid", ["acctype", "validuntil"]),
  family("zigbee2mqtt", [], {
    "zigbee2mqtt-013": "a fact about a model, without a message",
    "zigbee2mqtt-014": "the raw Zigbee report is only in the expectation",
  }),
  family("esphome_ha_discovery", ["availability_topics"]),
  family("homie", [], {
    "homie-014": 'wrong: no message names a device "dualrelay", and none says that light1 is a child of bridge (no $description)',
  }),
  family("octoprint_mqtt"),
  family("moonraker"),
  family("prusalink"),
  // Outside a job nothing is left to wait for: that 0 is said by the state.
  family("bambu", ["time_left_min"]),
  family("spaceapi", ["events"]),
];

export const otherFamilies: readonly FamilyFixture[] = [
  family("sparkplug", [], { "sparkplug-004": "a rule, without a message" }),
  family("emontx"),
  family("grbl"),
  family("ruida"),
  family("traces", [], {
    "traces-002": "its lessons are a reading of the incident, not values of the trace",
    "traces-004": noData,
    "traces-005": noData,
    "traces-011": "the trace holds power only: what the counter moved stands in its note",
    "traces-013": noData,
  }),
];
