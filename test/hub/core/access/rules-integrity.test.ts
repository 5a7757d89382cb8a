/** R00–R21 row by row: integrity, free egress, emergencies. */
import { describe } from "vitest";
import { asking, door, laser } from "./builders.ts";
import type { Table } from "./rows.ts";
import { passes, play, refuses, silent } from "./rows.ts";

const busy = { member: 3, phase: "busy", idleForMs: 0 } as const;
const empty = { where: { place: "node", snapshot: null, hubReachable: false } } as const;
const responder = { roles: ["responder"] as ("responder" | "steward")[] };

const integrity: Table = {
  R00: [
    refuses("refuses a node that nobody adopted", "DEVICE_NOT_AUTHORISED", asking(door, { rest: { nodeAuthorised: false } })),
    refuses(
      "refuses it even an exit, so that nothing foreign is believed",
      "DEVICE_NOT_AUTHORISED",
      asking(door, { kind: "exit", rest: { nodeAuthorised: false } }),
    ),
    passes("passes an adopted node", asking(door)),
  ],
  R01: [
    refuses("refuses a channel that serves nothing", "RESOURCE_UNKNOWN", asking(null, { kind: "enter" })),
    refuses("refuses to start a door", "RESOURCE_UNKNOWN", asking(door, { kind: "start" })),
    refuses("refuses to enter a machine", "RESOURCE_UNKNOWN", asking(laser, { kind: "enter" })),
    passes("passes a door that is entered", asking(door)),
    passes("passes a door that is opened from afar", asking(door, { kind: "remote_unlock", who: { roles: ["staff"] } })),
    passes("passes a machine that is started", asking(laser)),
    silent("says nothing to an exit", "grant GRANT_EGRESS", asking(null, { kind: "exit" })),
    silent("says nothing to a stop", "grant GRANT_STOP", asking(null, { kind: "stop" })),
    silent("says nothing where no snapshot can tell", "deny OFFLINE_NO_SNAPSHOT", asking(null, { kind: "enter", rest: empty })),
  ],
  R02: [
    ["does nothing twice", "noop DUPLICATE_REQUEST", "noop DUPLICATE_REQUEST", asking(door, { question: { duplicate: true } })],
    [
      "does nothing twice, however late it comes again",
      "noop DUPLICATE_REQUEST",
      "noop DUPLICATE_REQUEST",
      asking(door, { question: { duplicate: true, ageMs: 99_999 } }),
    ],
    [
      "leaves it to integrity to refuse first",
      "noop DUPLICATE_REQUEST",
      "deny DEVICE_NOT_AUTHORISED",
      asking(door, { question: { duplicate: true }, rest: { nodeAuthorised: false } }),
    ],
    passes("passes what was not answered before", asking(door, { question: { duplicate: false } })),
    silent(
      "says nothing to an exit, which is free each time",
      "grant GRANT_EGRESS",
      asking(door, { kind: "exit", question: { duplicate: true } }),
    ),
    silent("says nothing to a stop", "grant GRANT_STOP", asking(laser, { kind: "stop", question: { duplicate: true } })),
  ],
  R03: [
    refuses("refuses a tap older than ten seconds", "REQUEST_STALE", asking(door, { question: { ageMs: 10_001 } })),
    passes("passes a tap of ten seconds", asking(door, { question: { ageMs: 10_000 } })),
    silent("says nothing to an exit", "grant GRANT_EGRESS", asking(door, { kind: "exit", question: { ageMs: 99_999 } })),
    silent("says nothing to a stop", "grant GRANT_STOP", asking(laser, { kind: "stop", question: { ageMs: 99_999 } })),
  ],
  R04: [
    refuses("refuses at a silenced reader", "TOO_MANY_ATTEMPTS", asking(door, { live: { readerPenaltyUntilMono: 1_000_001 } })),
    passes("passes when the silence is over", asking(door, { live: { readerPenaltyUntilMono: 1_000_000 } })),
    passes("passes where there was none, also as the reader's clock begins", asking(door, { live: { nowMono: 0 } })),
    silent("says nothing to an exit", "grant GRANT_EGRESS", asking(door, { kind: "exit", live: { readerPenaltyUntilMono: 1_000_001 } })),
    silent("says nothing to a stop", "grant GRANT_STOP", asking(laser, { kind: "stop", live: { readerPenaltyUntilMono: 1_000_001 } })),
  ],
  R10: [
    ["lets everybody out", "grant GRANT_EGRESS", "grant GRANT_EGRESS", asking(door, { kind: "exit" })],
    [
      "lets out who is unknown, with any card, in any mode",
      "grant GRANT_EGRESS",
      "grant GRANT_EGRESS",
      asking(null, { kind: "exit", who: null, question: { usable: false }, rest: { ...empty, mode: "evacuate" } }),
    ],
    silent("says nothing to who wants in", "grant GRANT", asking(door)),
  ],
  R11: [
    [
      "stops for the member in charge",
      "grant GRANT_STOP",
      "grant GRANT_STOP",
      asking(laser, { kind: "stop", live: { session: { ...busy, member: 7 } } }),
    ],
    [
      "stops for who is in the session",
      "grant GRANT_STOP",
      "grant GRANT_STOP",
      asking(laser, { kind: "stop", live: { session: { ...busy, with: [5, 7] } } }),
    ],
    [
      "stops for a steward",
      "grant GRANT_STOP",
      "grant GRANT_STOP",
      asking(laser, { kind: "stop", who: { roles: ["steward"] }, live: { session: busy } }),
    ],
    [
      "stops for a maintainer",
      "grant GRANT_STOP",
      "grant GRANT_STOP",
      asking(laser, { kind: "stop", who: { roles: ["maintainer"] }, live: { session: busy } }),
    ],
    ["stops for anybody what nobody answers for", "grant GRANT_STOP", "grant GRANT_STOP", asking(laser, { kind: "stop", who: null })],
    ["does not stop for others", "pass", "deny IN_USE", asking(laser, { kind: "stop", live: { session: { ...busy, with: [5] } } })],
    [
      "does not stop for a trainer who is not in the session",
      "pass",
      "deny IN_USE",
      asking(laser, { kind: "stop", who: { roles: ["trainer"] }, live: { session: busy } }),
    ],
    [
      "does not stop for who is unknown",
      "pass",
      "deny UNKNOWN_CREDENTIAL; also IN_USE",
      asking(laser, { kind: "stop", who: null, live: { session: { ...busy, with: [5] } } }),
    ],
    silent("says nothing to a start", "grant GRANT", asking(laser)),
  ],
};

const emergency: Table = {
  R20: [
    refuses("refuses to let in", "EMERGENCY_ACTIVE", asking(door, { rest: { mode: "evacuate" } })),
    refuses("refuses to start", "EMERGENCY_ACTIVE", asking(laser, { rest: { mode: "evacuate" } })),
    [
      "lets a responder in",
      "grant GRANT_RESPONDER",
      "grant GRANT_RESPONDER",
      asking(door, { who: { ...responder, inPlan: false }, rest: { mode: "evacuate" } }),
    ],
    refuses("does not let a responder start a machine", "EMERGENCY_ACTIVE", asking(laser, { who: responder, rest: { mode: "evacuate" } })),
    refuses(
      "does not let a responder open from afar",
      "EMERGENCY_ACTIVE",
      asking(door, { kind: "remote_unlock", who: { roles: ["responder", "staff"] }, rest: { mode: "evacuate" } }),
    ),
    refuses("does not let a steward in", "EMERGENCY_ACTIVE", asking(door, { who: { roles: ["steward"] }, rest: { mode: "evacuate" } })),
    [
      "does not let in a responder who is suspended",
      "fail EMERGENCY_ACTIVE",
      "deny EMERGENCY_ACTIVE; also MEMBER_SUSPENDED",
      asking(door, { who: { ...responder, member: "suspended" }, rest: { mode: "evacuate" } }),
    ],
    [
      "does not let in a responder's stolen card",
      "fail EMERGENCY_ACTIVE",
      "deny EMERGENCY_ACTIVE; also CREDENTIAL_REVOKED",
      asking(door, { who: { ...responder, credential: "stolen" }, rest: { mode: "evacuate" } }),
    ],
    [
      "does not let in a responder's card that was just revoked",
      "fail EMERGENCY_ACTIVE",
      "deny EMERGENCY_ACTIVE; also CREDENTIAL_REVOKED",
      asking(door, { who: responder, live: { revoked: true }, rest: { mode: "evacuate" } }),
    ],
    [
      "does not let in an unknown card",
      "fail EMERGENCY_ACTIVE",
      "deny EMERGENCY_ACTIVE; also UNKNOWN_CREDENTIAL",
      asking(door, { who: null, rest: { mode: "evacuate" } }),
    ],
    [
      "says nothing against a stop",
      "pass",
      "deny IN_USE",
      asking(laser, { kind: "stop", live: { session: busy }, rest: { mode: "evacuate" } }),
    ],
    ["passes in a lockdown, which has a rule of its own", "pass", "deny LOCKDOWN", asking(door, { rest: { mode: "lockdown" } })],
    passes("passes on an ordinary day", asking(door)),
  ],
  R21: [
    refuses("refuses to let in", "LOCKDOWN", asking(door, { rest: { mode: "lockdown" } })),
    refuses("refuses to start", "LOCKDOWN", asking(laser, { rest: { mode: "lockdown" } })),
    refuses("refuses a steward", "LOCKDOWN", asking(door, { who: { roles: ["steward"] }, rest: { mode: "lockdown" } })),
    passes("lets a responder in", asking(door, { who: responder, rest: { mode: "lockdown" } })),
    [
      "says nothing against a stop",
      "pass",
      "deny IN_USE",
      asking(laser, { kind: "stop", live: { session: busy }, rest: { mode: "lockdown" } }),
    ],
    ["passes in an evacuation, which has a rule of its own", "pass", "deny EMERGENCY_ACTIVE", asking(door, { rest: { mode: "evacuate" } })],
  ],
};

describe("integrity", () => play(integrity));
describe("emergencies", () => play(emergency));
