/** R60–R65 row by row: is the machine or door available. */
import { describe } from "vitest";
import type { ResourceFacts } from "#contract";
import type { LiveFacts } from "#core";
import { asking, beside, door, laser } from "./builders.ts";
import type { Table } from "./rows.ts";
import { passes, play, refuses, silent, waits } from "./rows.ts";

const hour = 3_600_000;
const session = (phase: "enabled" | "idle" | "busy" | "grace" | "unattended", idleForMs = 0, member = 3) => ({
  session: { member, phase, idleForMs },
});
const stopping = { kind: "stop", live: { ...session("busy") } } as const;
const maintainer = { kind: "maintain" as const, who: { roles: ["maintainer" as const] } };
const locked = (...lockouts: LiveFacts["lockouts"]) => ({ lockouts });
const handover = { ...laser, sharing: "handover" } satisfies ResourceFacts;
const takeover = { ...laser, sharing: "takeover_when_idle" } satisfies ResourceFacts;
const shared = { ...laser, sharing: "shared" } satisfies ResourceFacts;
const leaves = { companions: [beside(3)] };
const trainer = beside(4, { roles: ["trainer"] });

const availability: Table = {
  R60: [
    ["refuses what is out of service", "fail RESOURCE_DISABLED; pass", "deny RESOURCE_DISABLED", asking({ ...laser, disabled: true })],
    ["refuses a door as well", "fail RESOURCE_DISABLED; pass", "deny RESOURCE_DISABLED", asking({ ...door, disabled: true })],
    [
      "refuses who mends as well",
      "fail RESOURCE_DISABLED; pass",
      "deny RESOURCE_DISABLED",
      asking({ ...laser, disabled: true }, maintainer),
    ],
    ["passes what is in service", "pass; pass", "grant GRANT", asking(laser)],
    ["says nothing to a stop", "skip; skip", "deny IN_USE", asking({ ...laser, disabled: true, notCommissioned: true }, stopping)],
    [
      "refuses what was not tested as it is wired",
      "pass; fail NOT_COMMISSIONED",
      "deny NOT_COMMISSIONED",
      asking({ ...laser, notCommissioned: true }),
    ],
    [
      "refuses whoever mends that as well",
      "pass; fail NOT_COMMISSIONED",
      "deny NOT_COMMISSIONED",
      asking({ ...laser, notCommissioned: true }, maintainer),
    ],
  ],
  R61: [
    refuses("refuses a machine that is being mended", "LOCKED_OUT", asking(laser, { live: locked("maintenance") })),
    ["lets a maintainer work on it", "pass", "grant GRANT_MAINTENANCE", asking(laser, { ...maintainer, live: locked("maintenance") })],
    [
      "lets nobody else work on it",
      "fail LOCKED_OUT",
      "deny LOCKED_OUT; also TRAINING_MISSING",
      asking(laser, { kind: "maintain", who: { roles: ["staff"] }, live: locked("maintenance") }),
    ],
    refuses(
      "refuses a maintainer who only wants to use it",
      "LOCKED_OUT",
      asking(laser, { who: { roles: ["maintainer"] }, live: locked("maintenance") }),
    ),
    passes("passes without a lock", asking(laser)),
    silent("says nothing to a stop", "deny IN_USE", asking(laser, { ...stopping, live: { ...stopping.live, ...locked("maintenance") } })),
  ],
  R62: [
    [
      "refuses what somebody reported broken",
      "fail OUT_OF_ORDER; pass; pass",
      "deny OUT_OF_ORDER",
      asking(laser, { live: locked("oops") }),
    ],
    ["lets a maintainer mend it", "pass; pass; pass", "grant GRANT_MAINTENANCE", asking(laser, { ...maintainer, live: locked("oops") })],
    ["refuses a faulty device", "pass; fail DEVICE_FAULT; pass", "deny DEVICE_FAULT", asking(laser, { live: locked("fault") })],
    [
      "a maintainer as well: a fault is latched",
      "pass; fail DEVICE_FAULT; pass",
      "deny DEVICE_FAULT",
      asking(laser, { ...maintainer, live: locked("fault") }),
    ],
    [
      "refuses where somebody has tampered",
      "pass; pass; fail DEVICE_TAMPER",
      "deny DEVICE_TAMPER",
      asking(laser, { live: locked("tamper") }),
    ],
    [
      "a maintainer as well: tampering is for people to look at",
      "pass; pass; fail DEVICE_TAMPER",
      "deny DEVICE_TAMPER",
      asking(laser, { ...maintainer, live: locked("tamper") }),
    ],
    [
      "names every lock",
      "fail OUT_OF_ORDER; fail DEVICE_FAULT; fail DEVICE_TAMPER",
      "deny LOCKED_OUT; also OUT_OF_ORDER, DEVICE_FAULT, DEVICE_TAMPER",
      asking(laser, { live: locked("tamper", "fault", "oops", "maintenance") }),
    ],
    [
      "says nothing to a stop",
      "skip; skip; skip",
      "deny IN_USE",
      asking(laser, { ...stopping, live: { ...stopping.live, ...locked("oops", "fault", "tamper") } }),
    ],
  ],
  R63: [
    refuses("refuses a start while extraction is not ready", "ANCILLARY_NOT_READY", asking(laser, { live: { ancillariesReady: false } })),
    refuses(
      "refuses a lesson",
      "ANCILLARY_NOT_READY",
      asking(laser, { kind: "teach", live: { ancillariesReady: false }, rest: { companions: [trainer] } }),
    ),
    refuses(
      "refuses a hand-over",
      "ANCILLARY_NOT_READY",
      asking(handover, { kind: "handover", live: { ancillariesReady: false, ...session("idle") }, rest: leaves }),
    ),
    passes("passes when it is", asking(laser)),
    silent("says nothing to an extension", "grant GRANT_EXTENSION", asking(laser, { kind: "extend", live: { ancillariesReady: false } })),
    silent("says nothing to who mends it", "grant GRANT_MAINTENANCE", asking(laser, { ...maintainer, live: { ancillariesReady: false } })),
    silent("says nothing at a door", "grant GRANT", asking(door, { live: { ancillariesReady: false } })),
  ],
  R64: [
    refuses("refuses what nobody can reach", "RESOURCE_OFFLINE", asking(laser, { live: { online: false } })),
    passes("passes what is there", asking(laser)),
    silent("says nothing on the node itself", "grant GRANT", asking(laser, { live: { online: null } })),
    silent("says nothing to a stop", "deny IN_USE", asking(laser, { ...stopping, live: { ...stopping.live, online: false } })),
  ],
  R65: [
    passes("passes what nobody uses", asking(laser)),
    passes("passes the member in charge", asking(laser, { live: session("busy", 0, 7) })),
    refuses("refuses another at an exclusive machine", "IN_USE", asking(laser, { live: session("grace", hour) })),
    refuses("refuses a stop by others", "IN_USE", asking(shared, stopping)),
    passes("passes another at a shared one", asking(shared, { live: session("busy") })),
    passes("passes at a door whatever goes on behind it", asking(door, { live: session("busy") })),
    waits("waits for the one in charge to hand over", "AWAIT_HANDOVER", asking(handover, { live: session("busy") })),
    [
      "hands over when they tap as well",
      "pass GRANT_HANDOVER",
      "grant GRANT_HANDOVER",
      asking(handover, { kind: "handover", live: session("busy"), rest: leaves }),
    ],
    [
      "whatever their own standing",
      "pass GRANT_HANDOVER",
      "grant GRANT_HANDOVER",
      asking(handover, { kind: "handover", live: session("busy"), rest: { companions: [beside(3, { member: "suspended" })] } }),
    ],
    waits(
      "not when somebody else taps",
      "AWAIT_HANDOVER",
      asking(handover, { kind: "handover", live: session("busy"), rest: { companions: [beside(5)] } }),
    ),
    [
      "hands over whoever else stands there too",
      "pass GRANT_HANDOVER",
      "grant GRANT_HANDOVER",
      asking(handover, { kind: "handover", live: session("busy"), rest: { companions: [beside(5), beside(3)] } }),
    ],
    waits("not to who only starts", "AWAIT_HANDOVER", asking(handover, { live: session("busy"), rest: leaves })),
    refuses("refuses to extend what another is in charge of", "IN_USE", asking(handover, { kind: "extend", live: session("busy") })),
    refuses("refuses who mends while it is in use", "IN_USE", asking(handover, { ...maintainer, live: session("busy") })),
    ["takes over what is in its grace", "pass GRANT_TAKEOVER", "grant GRANT_TAKEOVER", asking(takeover, { live: session("grace") })],
    [
      "takes over after two idle minutes",
      "pass GRANT_TAKEOVER",
      "grant GRANT_TAKEOVER",
      asking(takeover, { live: session("idle", 120_000) }),
    ],
    refuses("not before", "IN_USE", asking(takeover, { live: session("idle", 119_999) })),
    refuses("never while it works", "IN_USE", asking(takeover, { live: session("busy", hour) })),
    refuses("never an unattended job", "IN_USE", asking(takeover, { live: session("unattended", hour) })),
    refuses("never before its first start", "IN_USE", asking(takeover, { live: session("enabled", hour) })),
    refuses("never to extend", "IN_USE", asking(takeover, { kind: "extend", live: session("grace") })),
    [
      "lets a student take over from their trainer",
      "pass",
      "grant GRANT_TEACH",
      asking(laser, { kind: "teach", live: session("idle", 0, 4), rest: { companions: [trainer] } }),
    ],
    [
      "also when another stands there too",
      "pass",
      "grant GRANT_TEACH",
      asking(laser, { kind: "teach", live: session("idle", 0, 4), rest: { companions: [beside(5), trainer] } }),
    ],
    refuses("not from somebody else", "IN_USE", asking(laser, { kind: "teach", live: session("idle"), rest: { companions: [trainer] } })),
    refuses("not without a lesson", "IN_USE", asking(laser, { live: session("idle", 0, 4), rest: { companions: [trainer] } })),
    [
      "refuses nobody in the name of nobody",
      "fail IN_USE",
      "deny UNKNOWN_CREDENTIAL; also IN_USE",
      asking(laser, { who: null, live: session("busy") }),
    ],
    ["says nothing of nothing", "pass", "deny RESOURCE_UNKNOWN", asking(null, { live: session("busy") })],
  ],
};

describe("availability", () => play(availability));
