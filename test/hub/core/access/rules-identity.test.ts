/** R30–R34 row by row: is the card known, in force and proven. */
import { describe, expect, it } from "vitest";
import { decide } from "#core";
import { afternoon, asking, door, laser, onNode } from "./builders.ts";
import type { Table } from "./rows.ts";
import { passes, play, refuses, silent, waits } from "./rows.ts";

const noClock = { nowMs: null, quality: "unknown" } as const;
const floorMs = afternoon - 86_400_000;
const busy = { member: 3, phase: "busy", idleForMs: 0 } as const;
const own = { member: 7, phase: "idle", idleForMs: 0 } as const;
const job = { member: 7, phase: "unattended", idleForMs: 0 } as const;
const near = { where: onNode(1000, true) };
const alone = { where: onNode(1000, false) };
const empty = { where: { place: "node", snapshot: null, hubReachable: false } } as const;
const withPin = { ...door, assurance: 2 };
const withProof = { ...door, assurance: 3 };

const identity: Table = {
  R30: [
    refuses("refuses an unknown card", "UNKNOWN_CREDENTIAL", asking(door, { who: null })),
    ["asks the hub about it", "fail UNKNOWN_CREDENTIAL", "ask UNKNOWN_CREDENTIAL", asking(door, { who: null, rest: near })],
    silent("leaves it to R90 without the hub", "deny OFFLINE_UNKNOWN", asking(door, { who: null, rest: alone })),
    silent("leaves it to R90 without a snapshot", "deny OFFLINE_NO_SNAPSHOT", asking(door, { who: null, rest: empty })),
    [
      "captures an unknown card while somebody waits for it",
      "noop ENROLMENT_CAPTURED",
      "noop ENROLMENT_CAPTURED",
      asking(door, { who: null, live: { capturing: true } }),
    ],
    passes("lets known cards work while a capture waits", asking(door, { live: { capturing: true } })),
    [
      "captures nothing from a stop",
      "fail UNKNOWN_CREDENTIAL",
      "deny UNKNOWN_CREDENTIAL; also IN_USE",
      asking(laser, { kind: "stop", who: null, live: { capturing: true, session: busy } }),
    ],
    silent(
      "says nothing of a number that is nobody's own",
      "deny CREDENTIAL_UNUSABLE",
      asking(door, { who: null, question: { usable: false }, live: { capturing: true } }),
    ),
    silent(
      "says nothing of a card that was just revoked",
      "deny CREDENTIAL_REVOKED",
      asking(door, { who: null, live: { revoked: true, capturing: true } }),
    ),
    passes("passes a known card", asking(door)),
    ["passes one without the hub", "pass", "grant GRANT_DEGRADED", asking(door, { rest: alone })],
    silent("believes no card without a snapshot", "deny OFFLINE_NO_SNAPSHOT", asking(door, { rest: empty })),
  ],
  R31: [
    refuses("refuses a number that is nobody's own", "CREDENTIAL_UNUSABLE", asking(door, { who: null, question: { usable: false } })),
    passes("passes any other", asking(door)),
  ],
  R32: [
    ...(["lost", "stolen", "returned", "revoked"] as const).map((credential) =>
      refuses(`refuses a ${credential} card`, "CREDENTIAL_REVOKED", asking(door, { who: { credential } })),
    ),
    refuses("refuses a card revoked since the snapshot", "CREDENTIAL_REVOKED", asking(door, { live: { revoked: true } })),
    [
      "lets a running session go on with a card that was lost",
      "pass",
      "grant GRANT_EXTENSION",
      asking(laser, { kind: "extend", who: { credential: "lost" }, live: { revoked: true } }),
    ],
    refuses("ends it for a stolen one", "CREDENTIAL_REVOKED", asking(laser, { kind: "extend", who: { credential: "stolen" } })),
    [
      "lets it go on at a node, too, once the machine has run",
      "pass",
      "grant GRANT_DEGRADED",
      asking(
        { ...laser, offline: "snapshot" },
        { kind: "extend", who: { credential: "lost" }, live: { revoked: true, session: own }, rest: alone },
      ),
    ],
    refuses(
      "ends it there for a stolen one",
      "CREDENTIAL_REVOKED",
      asking({ ...laser, offline: "snapshot" }, { kind: "extend", who: { credential: "stolen" }, live: { session: own }, rest: alone }),
    ),
    ...[null, { ...own, phase: "enabled" } as const].map((session) =>
      refuses(
        `keeps a machine off for any revoked card before it has run (${session?.phase ?? "no session"})`,
        "CREDENTIAL_REVOKED",
        asking({ ...laser, offline: "snapshot" }, { kind: "extend", live: { revoked: true, session }, rest: alone }),
      ),
    ),
    refuses(
      "refuses to extend for a revoked card of nobody",
      "CREDENTIAL_REVOKED",
      asking(laser, { kind: "extend", who: null, live: { revoked: true } }),
    ),
    passes("passes a card in force", asking(door)),
  ],
  R33: [
    refuses(
      "refuses a card before its first instant",
      "CREDENTIAL_NOT_YET_VALID",
      asking(door, { who: { credentialFromMs: afternoon + 1 } }),
    ),
    passes("passes it from that instant", asking(door, { who: { credentialFromMs: afternoon } })),
    refuses("refuses it from its end", "CREDENTIAL_EXPIRED", asking(door, { who: { credentialUntilMs: afternoon } })),
    passes("passes it until then", asking(door, { who: { credentialUntilMs: afternoon + 1 } })),
    [
      "without the time, refuses what ended by the floor",
      "fail CREDENTIAL_EXPIRED",
      "deny CREDENTIAL_EXPIRED; also CLOCK_UNTRUSTED",
      asking(door, { who: { credentialUntilMs: floorMs }, clock: noClock }),
    ],
    [
      "without the time, leaves a later end to R50",
      "pass",
      "deny CLOCK_UNTRUSTED",
      asking(door, { who: { credentialUntilMs: floorMs + 1 }, clock: noClock }),
    ],
    [
      "without the time, leaves a beginning to R50",
      "pass",
      "deny CLOCK_UNTRUSTED",
      asking(door, { who: { credentialFromMs: floorMs + 1 }, clock: noClock }),
    ],
    silent(
      "says nothing to a job that may finish",
      "grant GRANT_EXTENSION",
      asking(laser, { kind: "extend", who: { credentialUntilMs: afternoon }, live: { session: job } }),
    ),
    silent("says nothing of a card that is unknown", "deny UNKNOWN_CREDENTIAL", asking(door, { who: null })),
  ],
  R34: [
    waits("waits for the PIN that is on file", "FACTOR_REQUIRED", asking(withPin, { who: { hasPin: true } })),
    refuses("refuses who has none on file", "FACTOR_REQUIRED", asking(withPin)),
    passes("passes the right PIN", asking(withPin, { question: { pin: "right" } })),
    refuses("refuses a wrong PIN", "FACTOR_WRONG", asking(withPin, { who: { hasPin: true }, question: { pin: "wrong" } })),
    [
      "asks the hub about a PIN it has not checked",
      "ask FACTOR_REQUIRED",
      "ask FACTOR_REQUIRED",
      asking(withPin, { who: { hasPin: true }, question: { pin: "unchecked" }, rest: near }),
    ],
    refuses(
      "refuses it without the hub",
      "OFFLINE_NOT_ALLOWED",
      asking(withPin, { who: { hasPin: true }, question: { pin: "unchecked" }, rest: alone }),
    ),
    waits("waits for it at a node that can have it checked", "FACTOR_REQUIRED", asking(withPin, { who: { hasPin: true }, rest: near })),
    refuses(
      "lets nobody type it where nobody can check it",
      "OFFLINE_NOT_ALLOWED",
      asking(withPin, { who: { hasPin: true }, rest: alone }),
    ),
    refuses("tells who has none so without the hub, too", "FACTOR_REQUIRED", asking(withPin, { rest: alone })),
    passes("passes a cryptographic answer in place of a PIN", asking(withPin, { question: { assurance: 3 } })),
    passes("passes a cryptographic answer where one is needed", asking(withProof, { question: { assurance: 3 } })),
    refuses(
      "takes no PIN in place of a cryptographic answer",
      "FACTOR_REQUIRED",
      asking(withProof, { who: { hasPin: true }, question: { pin: "right", assurance: 1 } }),
    ),
    silent("says nothing where the number is enough", "grant GRANT", asking({ ...door, assurance: 1 })),
    silent("says nothing of a card that is unknown", "deny UNKNOWN_CREDENTIAL", asking(withPin, { who: null })),
    silent("says nothing to a stop", "grant GRANT_STOP", asking({ ...laser, assurance: 2 }, { kind: "stop" })),
    silent("says nothing to an extension", "grant GRANT_EXTENSION", asking({ ...laser, assurance: 2 }, { kind: "extend" })),
    silent(
      "says nothing to who opens from afar, without a card",
      "grant GRANT",
      asking(withProof, { kind: "remote_unlock", who: { roles: ["staff"] } }),
    ),
  ],
};

describe("identity", () => play(identity));

describe("a captured card", () => {
  it("is captured also where nothing else is known", () => {
    const input = asking(door, { who: null, live: { capturing: true }, rest: empty });
    expect(decide(input)).toEqual({
      outcome: "noop",
      reason: "ENROLMENT_CAPTURED",
      also: [],
      waived: [],
      warnings: [],
      member: 0,
      obligations: null,
      degraded: false,
      reevaluateAtMs: null,
    });
  });
});
