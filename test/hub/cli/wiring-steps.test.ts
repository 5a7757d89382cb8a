/** The steps of the wiring test against places that are wired wrong, and with nobody there: which line says so. */
import { describe, expect, it } from "vitest";
import type { EventKind } from "#contract";
import type { WiringCheck } from "#core";
import { outcomeOf } from "#core";
import { type Look, runSteps, type Trial } from "../../../hub/cli/wiring-steps.ts";

const machineSenses = ["permit", "aux", "meter"];
const doorSenses = ["unlock", "contact", "rex"];

/** A place whose electricity is played: what a person does at each prompt, and how it is wired. */
type Wrong =
  | "dead reader"
  | "on at rest"
  | "relay stuck off"
  | "meter elsewhere"
  | "welded"
  | "starts after the cable"
  | "contact loose"
  | "no exit button"
  | "strike silent"
  | "no emergency stop"
  | "cable stays";

function played(kind: "door" | "machine", wrong: Wrong | null, isThere = true) {
  const senses = kind === "machine" ? machineSenses : doorSenses;
  let [permitted, contactor, open] = [wrong === "on at rest", false, false];
  let board: "ready" | "lost" = "ready";
  let events: EventKind[] = [];
  const orders: string[] = [];
  const look = (): Look => ({
    ...{ kind, node: "node", ch: "ch", online: true, senses, firmware: "1", hardware: "test", configVersion: 1, state: "off" },
    ...{ permitted, powered: contactor, open, session: permitted, powerW: contactor && wrong !== "meter elsewhere" ? 300 : 0.4 },
    samples: [{ atMs: 0, powerW: 0.4 }],
  });
  const set = (on: boolean): void => {
    permitted = wrong === "relay stuck off" ? false : wrong === "on at rest" ? true : on;
    if (!on && wrong !== "welded") contactor = false;
  };
  /** what hands do at a prompt that is only told */
  const hands = (text: string): void => {
    if (!isThere) return;
    if (text.startsWith("Tap any card") && wrong !== "dead reader") events.push("access.decided");
    if (text.startsWith("Start the machine") && permitted) contactor = true;
    if (text.startsWith("Press the exit") && wrong !== "no exit button") events.push("door.rex");
    if (text.startsWith("Open the door") && wrong !== "contact loose") open = true;
    if (text.startsWith("Pull the board") && wrong !== "cable stays") {
      events.push("node.board");
      board = "lost";
      set(false);
    }
    if (!text.startsWith("Plug the board") || board === "ready") return;
    board = "ready";
    if (wrong === "starts after the cable") [permitted, contactor] = [true, true];
  };
  const noTo: Partial<Record<Wrong, RegExp>> = {
    "no emergency stop": /emergency stop/,
    "strike silent": /strike/,
    "relay stuck off": /nothing/,
  };
  const trial: Trial = {
    limitMs: 10,
    person: {
      tell: hands,
      ask: async (question) => (isThere ? !(wrong !== null && noTo[wrong]?.test(question) === true) : null),
      confirm: async () => isThere,
      close: () => undefined,
    },
    look: async () => look(),
    happened: (...kinds) => kinds.some((each) => events.includes(each)),
    mark() {
      events = [];
    },
    async permit() {
      orders.push("permit");
      set(true);
      return { status: "applied" };
    },
    async endPermit() {
      orders.push("end");
      set(false);
      return { status: "applied" };
    },
    async unlock() {
      orders.push("unlock");
      return { status: "applied" };
    },
    async until(isTrue) {
      if (isTrue(look())) return true;
      open = false; // whoever opened the door closes it again
      return isTrue(look());
    },
    boardIs: (state) => events.includes("node.board") && board === state,
  };
  return { trial, first: look(), senses, orders, isOn: () => permitted };
}

async function lines(kind: "door" | "machine", wrong: Wrong | null, isThere = true) {
  const place = played(kind, wrong, isThere);
  const found = await runSteps(place.trial, place.first);
  const of = (ok: boolean | null) => found.flatMap((line) => (line.ok === ok ? [line.check] : []));
  return { ...place, found, wrong: of(false), untold: of(null), outcome: outcomeOf(kind, place.senses, found) };
}

describe("a place that is wired right", () => {
  it.each(["machine", "door"] as const)("passes with every line of a %s, and is left off", async (kind) => {
    const { outcome, wrong, untold, isOn } = await lines(kind, null);
    expect([outcome, wrong, untold, isOn()]).toEqual(["passed", [], [], false]);
  });
});

describe("a place that is wired wrong", () => {
  it.each<[wrong: Wrong, kind: "door" | "machine", check: WiringCheck]>([
    ["dead reader", "machine", "reader"],
    ["on at rest", "machine", "rest"],
    ["relay stuck off", "machine", "permit"],
    ["meter elsewhere", "machine", "draws"],
    ["welded", "machine", "stops"],
    ["starts after the cable", "machine", "back"],
    ["no emergency stop", "machine", "emergency_stop"],
    ["dead reader", "door", "reader"],
    ["strike silent", "door", "strike"],
    ["contact loose", "door", "contact"],
    ["no exit button", "door", "exit_button"],
  ])("%s at a %s: ✕ %s", async (fault, kind, check) => {
    const { outcome, wrong } = await lines(kind, fault);
    expect(outcome).toBe("failed");
    expect(wrong[0]).toBe(check);
  });
  it("a cable that nobody pulled leaves the test incomplete", async () => {
    const { outcome, untold } = await lines("door", "cable stays");
    expect([outcome, untold]).toEqual(["incomplete", ["cable", "back"]]);
  });
});

describe("a machine that is not safe by itself, or on where it should be off", () => {
  it.each<Wrong>(["no emergency stop", "on at rest"])("%s: it is never permitted", async (fault) => {
    const { orders, untold } = await lines("machine", fault);
    expect(orders).not.toContain("permit");
    expect(untold).toEqual(expect.arrayContaining(["permit", "draws", "stops"]));
  });
  it("welded: it is not permitted once more for the cable", async () => {
    const { orders } = await lines("machine", "welded");
    expect(orders.filter((order) => order === "permit")).toHaveLength(1);
  });
});

describe("with nobody there", () => {
  it("a machine is never permitted, and nothing counts as failed", async () => {
    const { outcome, wrong, orders, isOn } = await lines("machine", null, false);
    expect([outcome, wrong, orders, isOn()]).toEqual(["incomplete", [], [], false]);
  });
  it("a door is not taken for wrong", async () => {
    const { outcome, wrong } = await lines("door", null, false);
    expect([outcome, wrong]).toEqual(["incomplete", []]);
  });
});
