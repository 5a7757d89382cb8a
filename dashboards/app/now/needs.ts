/**
 * "Needs you": everything that waits for staff, the most urgent first. What the live picture shows is here the instant it happens; what
 * needs a look into the log comes with it a moment later.
 */
import type { MessageKey } from "../../locales/shape.ts";
import type { Tone } from "../../shared/status-mark.tsx";
import type { Door, LiveSnapshot, MachineStatus, Node } from "../../shared/wire.ts";
import type { Need } from "../staff/wire.ts";

/** `command` goes to the ledger, `order` to a door; `lock` opens the lock-out dialog, `look` closes an exception with a word. */
export type NeedAction =
  | { readonly kind: "open"; readonly label: MessageKey; readonly to: string }
  | { readonly kind: "command"; readonly label: MessageKey; readonly name: string; readonly input: object }
  | { readonly kind: "order"; readonly label: MessageKey; readonly door: string };

export type NeedRow = {
  readonly id: string;
  readonly tone: Tone;
  readonly title: MessageKey;
  readonly where: string;
  readonly who: string | null;
  /** why, as a code of a decision */
  readonly reason: string | null;
  /** in somebody's own words */
  readonly note: string | null;
  readonly count: number;
  readonly atMs: number | null;
  readonly actions: readonly NeedAction[];
};

const row = (given: Pick<NeedRow, "id" | "tone" | "title" | "where" | "actions"> & Partial<NeedRow>): NeedRow => ({
  who: null,
  reason: null,
  note: null,
  count: 1,
  atMs: null,
  ...given,
});

/** A silent alarm is shown for two hours; nothing in the house says when it is over. */
const duressMs = 7_200_000;

const machineTitles: Readonly<Partial<Record<MachineStatus, MessageKey>>> = {
  emergency: "need.emergency",
  fault: "need.fault",
  tamper: "need.tamper",
};
const doorTitles: Readonly<Partial<Record<Door["status"], MessageKey>>> = { forced: "need.forced", held: "need.held" };
const nodeTitles: Readonly<Partial<Record<Node["status"], MessageKey>>> = {
  offline: "need.offline",
  quarantined: "need.quarantined",
  pending: "need.pending",
};

/** @param waiting  as the hub found in its log */
export function needRows(live: LiveSnapshot, waiting: readonly Need[], nowMs: number): NeedRow[] {
  const from = (kinds: readonly Need["kind"][]): NeedRow[] => waiting.filter(({ kind }) => kinds.includes(kind)).map(needRow);
  return [
    ...live.feed
      .filter(({ kind, atMs }) => kind === "duress" && atMs > nowMs - duressMs)
      .map((item) =>
        row({
          id: item.id,
          tone: "alarm",
          title: "need.duress",
          where: item.whereLabel,
          who: item.who?.name ?? null,
          atMs: item.atMs,
          actions: [],
        }),
      ),
    ...live.machines.flatMap(({ id, label, status, note, sinceMs }) => {
      const title = machineTitles[status];
      const actions: NeedAction[] = [{ kind: "open", label: "need.open_machine", to: `/machines/${id}` }];
      return title === undefined
        ? []
        : [row({ id: `machine.${id}.${status}`, tone: "alarm", title, where: label, note, atMs: sinceMs, actions })];
    }),
    ...live.doors.flatMap(({ id, label, status, sinceMs }) => {
      const title = doorTitles[status];
      const actions: NeedAction[] = [
        { kind: "order", label: "need.silence", door: id },
        { kind: "open", label: "need.open_door", to: `/doors/${id}` },
      ];
      return title === undefined ? [] : [row({ id: `door.${id}.${status}`, tone: "alarm", title, where: label, atMs: sinceMs, actions })];
    }),
    ...from(["reported", "denied", "unknown_card"]),
    ...live.nodes.flatMap(nodeRow),
    ...from(["check", "job_done", "exception", "booking"]),
  ];
}

function nodeRow({ id, label, status, sinceMs, trouble }: Node): NeedRow[] {
  const title = nodeTitles[status] ?? (trouble === null ? undefined : "need.trouble");
  if (title === undefined) return [];
  const actions: NeedAction[] = [{ kind: "open", label: "need.open_nodes", to: "/nodes" }];
  const tone: Tone = status === "offline" || status === "quarantined" ? "alarm" : "wait";
  return [row({ id: `node.${id}.${status}.${trouble ?? ""}`, tone, title, where: label, note: trouble, atMs: sinceMs, actions })];
}

function needRow(need: Need): NeedRow {
  const { id, where, who, reason, note, count, atMs } = need;
  const base = { id, where: where.label, who: who?.name ?? null, reason, count, atMs };
  const machine: NeedAction = { kind: "open", label: "need.open_machine", to: `/machines/${where.id}` };
  const person: NeedAction[] = who === null ? [] : [{ kind: "open", label: "need.open_person", to: `/people/${who.member}` }];
  const command = (label: MessageKey, name: string, input: object): NeedAction => ({ kind: "command", label, name, input });
  switch (need.kind) {
    case "reported":
      return row({
        ...base,
        tone: "alarm",
        title: "need.reported",
        note,
        actions: [machine, command("need.clear", "unlockMachine", { machine: where.id, kind: "oops" })],
      });
    case "check":
      return row({
        ...base,
        tone: "wait",
        title: "need.check",
        note,
        actions: [machine, command("need.accept", "unlockMachine", { machine: where.id, kind: "check" })],
      });
    case "denied":
      return row({ ...base, tone: "wait", title: "need.denied", actions: person });
    case "unknown_card":
      return row({
        ...base,
        tone: "wait",
        title: "need.unknown_card",
        reason: null,
        actions: [{ kind: "open", label: "need.assign", to: "/people" }],
      });
    case "job_done":
      return row({ ...base, tone: "work", title: note === "error" ? "need.job_failed" : "need.job_done", actions: [machine] });
    case "exception":
      return row({
        ...base,
        tone: "wait",
        title: "need.exception",
        actions: [...person, command("need.looked", "closeException", { exception: need.row, reason: "looked at" })],
      });
    case "booking":
      return row({
        ...base,
        tone: "none",
        title: "need.booking",
        actions: [
          command("need.confirm", "confirmBooking", { booking: need.row }),
          command("need.decline", "cancelBooking", { booking: need.row }),
        ],
      });
  }
}
