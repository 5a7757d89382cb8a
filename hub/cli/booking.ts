/** `koprade booking`, `koprade class` and `koprade duty`: what is arranged for a time. */
import { eventKinds } from "../ledger/inputs-common.ts";
import { changing, fromTime, listing, memberArg as member, type Site, theMemberArg, untilTime } from "./change.ts";
import type { Noun } from "./command.ts";
import { list as parts, wholeNumber } from "./values.ts";

const spanOf = (given: { readonly from: string; readonly until: string }, site: Site) => ({
  fromMs: site.instant("--from", given.from),
  untilMs: site.instant("--until", given.until),
});
const since = { type: "string", valueHint: "time", description: "only what ends after this time (default now)" } as const;
const sinceOf = (given: { readonly since?: string | undefined }, site: Site): number =>
  given.since === undefined ? site.nowMs : site.instant("--since", given.since);

const machine = { type: "positional", required: true, description: "short name of the machine" } as const;
const wanted = { machine, member, from: fromTime, until: untilTime };
const wantedOf = (
  given: { readonly machine: string; readonly member: string; readonly from: string; readonly until: string },
  site: Site,
) => ({
  machine: given.machine,
  member: site.member("--member", given.member),
  ...spanOf(given, site),
});
const number = { booking: { type: "positional", required: true, description: "number of the booking (koprade booking list)" } } as const;

function step(
  change: "confirmBooking" | "cancelBooking" | "restoreBooking" | "checkIn",
  verb: string,
  summary: string,
  done: string,
): Noun["verbs"][string] {
  return changing({
    change,
    summary,
    args: number,
    examples: [`koprade booking ${verb} 7`],
    input: (given) => ({ booking: wholeNumber("<booking>", given.booking, 1, 1e9) }),
    says: (input) => `Booking ${input.booking} is ${done}.`,
  });
}

export const booking: Noun = {
  summary: "machines reserved for a member",
  verbs: {
    add: changing({
      change: "addBooking",
      summary: "book a machine for a member",
      args: wanted,
      examples: ["koprade booking add laser-1 --member 'Ada Ozola' --from 2026-12-01T18:00 --until 2026-12-01T20:00"],
      input: wantedOf,
      says: (input, result, site) =>
        `Booking ${result.booking}: ${input.machine} for ${site.name(input.member)} from ${site.wall(input.fromMs)} until ${site.wall(input.untilMs)}.`,
    }),
    request: changing({
      change: "requestBooking",
      summary: "ask for a machine; it counts once confirmed",
      args: wanted,
      examples: ["koprade booking request laser-1 --member 'Ada Ozola' --from 2026-12-01T18:00 --until 2026-12-01T20:00"],
      input: wantedOf,
      says: (input, result, site) => `Booking ${result.booking} waits for confirmation: ${input.machine} for ${site.name(input.member)}.`,
    }),
    confirm: step("confirmBooking", "confirm", "confirm a booking that was asked for", "confirmed"),
    cancel: step("cancelBooking", "cancel", "cancel a booking", "cancelled"),
    restore: step("restoreBooking", "restore", "bring a cancelled booking or a no-show back", "confirmed again"),
    "check-in": step("checkIn", "check-in", "say that the member has come; a tap at the machine says it too", "checked in"),
    list: listing({
      summary: "list the bookings",
      args: { since },
      examples: ["koprade booking list"],
      header: ["BOOKING", "MACHINE", "FOR", "FROM", "UNTIL", "STATE"],
      none: "No bookings. Make one with: koprade booking add",
      rows: (given, site) => site.ledger.read.bookings(sinceOf(given, site)),
      line: (row, site) => [
        String(row.booking),
        row.machine,
        row.member === null ? `class ${row.class}` : site.name(row.member),
        site.wall(row.fromMs),
        site.wall(row.untilMs),
        row.state.replace("_", " "),
      ],
    }),
  },
};

const className = { type: "positional", required: true, description: "short name of the class such as laser-night" } as const;

export const classes: Noun = {
  summary: "classes: machines reserved for who is enrolled",
  verbs: {
    add: changing({
      change: "addClass",
      summary: "add a class; its machines are reserved, and who is enrolled may use them around that time",
      args: {
        class: className,
        label: { type: "string", valueHint: "text", description: "name on screens (default the short name)" },
        from: fromTime,
        until: untilTime,
        at: { type: "string", required: true, valueHint: "a,b", description: "its machines, and doors it may pass" },
        course: { type: "string", valueHint: "name", description: "what is taught, for the reports" },
        seats: { type: "string", valueHint: "n", description: "for how many, for the reports" },
        kind: { type: "enum", options: [...eventKinds], default: "class", description: "any event that people come to: what it is" },
      },
      examples: ["koprade class add laser-night --at laser-1,front-door --from 2026-12-01T18:00 --until 2026-12-01T21:00"],
      input: (given, site) => ({
        class: given.class,
        label: given.label ?? given.class,
        places: parts(given.at),
        course: given.course ?? null,
        seats: given.seats === undefined ? null : wholeNumber("--seats", given.seats, 1, 1000),
        kind: given.kind,
        ...spanOf(given, site),
      }),
      says: (input, _result, site) =>
        `Class ${input.class}: ${input.places.join(", ")} from ${site.wall(input.fromMs)} until ${site.wall(input.untilMs)}.`,
    }),
    cancel: changing({
      change: "cancelClass",
      summary: "cancel a class; its machines are free again",
      args: { class: className },
      examples: ["koprade class cancel laser-night"],
      input: (given) => ({ class: given.class }),
      says: (input) => `Class ${input.class} is cancelled.`,
    }),
    restore: changing({
      change: "restoreClass",
      summary: "bring a cancelled class back, when its machines are still free",
      args: { class: className },
      examples: ["koprade class restore laser-night"],
      input: (given) => ({ class: given.class }),
      says: (input) => `Class ${input.class} takes place again.`,
    }),
    enrol: changing({
      change: "enrol",
      summary: "enrol a member",
      args: { class: className, member },
      examples: ["koprade class enrol laser-night --member 'Ada Ozola'"],
      input: (given, site) => ({ class: given.class, member: site.member("--member", given.member) }),
      says: (input, _result, site) => `${site.name(input.member)} is enrolled in ${input.class}.`,
    }),
    withdraw: changing({
      change: "withdraw",
      summary: "take a member out again",
      args: { class: className, member },
      examples: ["koprade class withdraw laser-night --member 'Ada Ozola'"],
      input: (given, site) => ({ class: given.class, member: site.member("--member", given.member) }),
      says: (input, _result, site) => `${site.name(input.member)} is not enrolled in ${input.class}.`,
    }),
    attend: changing({
      change: "attend",
      summary: "sign somebody in who is there: a member, or guests as a count",
      args: {
        class: className,
        member: { ...member, required: false },
        guests: { type: "string", default: "0", valueHint: "n", description: "how many without a membership" },
      },
      examples: ["koprade class attend laser-night --member 'Ada Ozola'", "koprade class attend laser-night --guests 4"],
      input: (given, site) => ({
        class: given.class,
        member: given.member === undefined ? null : site.member("--member", given.member),
        guests: wholeNumber("--guests", given.guests, 0, 1000),
      }),
      says: (input, { attendance }, site) => `Sign-in ${attendance}: ${whoOf(input, site)} at ${input.class}.`,
    }),
    "undo-attend": changing({
      change: "undoAttendance",
      summary: "take a sign-in back that was a mistake",
      args: { attendance: { type: "positional", required: true, description: "its number (koprade class present)" } },
      examples: ["koprade class undo-attend 3"],
      input: (given) => ({ attendance: wholeNumber("<attendance>", given.attendance, 1, 1e9) }),
      says: (input) => `Sign-in ${input.attendance} is taken back.`,
    }),
    present: listing({
      summary: "list who has signed in",
      args: { since },
      examples: ["koprade class present"],
      header: ["CLASS", "SIGN-IN", "WHO"],
      none: "Nobody has signed in. Do it with: koprade class attend",
      rows: (given, site) =>
        site.ledger.read.classes(sinceOf(given, site)).flatMap((row) => row.present.map((one) => ({ class: row.class, ...one }))),
      line: (row, site) => [row.class, String(row.attendance), whoOf(row, site)],
    }),
    list: listing({
      summary: "list the classes",
      args: { since },
      examples: ["koprade class list"],
      header: ["CLASS", "LABEL", "FROM", "UNTIL", "AT", "ENROLLED"],
      none: "No classes. Add one with: koprade class add",
      rows: (given, site) => site.ledger.read.classes(sinceOf(given, site)),
      line: (row, site) => [
        row.class,
        row.label,
        site.wall(row.fromMs),
        site.wall(row.untilMs),
        row.places.join(", "),
        row.isCancelled ? "cancelled" : String(row.enrolled.length),
      ],
    }),
  },
};

function whoOf(
  { member: who = null, guests = 0 }: { readonly member?: number | null | undefined; readonly guests?: number | undefined },
  site: Site,
): string {
  const names = who === null ? [] : [site.name(who)];
  return [...names, ...(guests === 0 ? [] : [`${guests} guests`])].join(" and ");
}

const zone = { type: "string", valueHint: "zone", description: "only in this zone (default everywhere)" } as const;

export const duty: Noun = {
  summary: "when stewards are on duty",
  verbs: {
    add: changing({
      change: "addShift",
      summary: "put a steward on duty for a time to come",
      args: { member: theMemberArg, zone, from: fromTime, until: untilTime },
      examples: ["koprade duty add 'Kim' --from 2026-12-01T17:00 --until 2026-12-01T22:00"],
      input: (given, site) => ({ member: site.member("<member>", given.member), zone: given.zone ?? null, ...spanOf(given, site) }),
      says: (input, { shift }, site) =>
        `Shift ${shift}: ${site.name(input.member)} from ${site.wall(input.fromMs)} until ${site.wall(input.untilMs)}.`,
    }),
    claim: changing({
      change: "addShift",
      summary: "put a steward on duty from now",
      args: { member: theMemberArg, zone, until: untilTime },
      examples: ["koprade duty claim 'Kim' --until 2026-12-01T22:00"],
      input: (given, site) => ({
        member: site.member("<member>", given.member),
        zone: given.zone ?? null,
        fromMs: site.nowMs,
        untilMs: site.instant("--until", given.until),
      }),
      says: (input, { shift }, site) => `Shift ${shift}: ${site.name(input.member)} is on duty until ${site.wall(input.untilMs)}.`,
    }),
    end: changing({
      change: "endShift",
      summary: "end a shift now, or take one back that has not begun",
      args: { shift: { type: "positional", required: true, description: "number of the shift (koprade duty list)" } },
      examples: ["koprade duty end 3"],
      input: (given) => ({ shift: wholeNumber("<shift>", given.shift, 1, 1e9) }),
      says: (input) => `Shift ${input.shift} is over.`,
    }),
    roster: changing({
      change: "setSite",
      summary: "keep a roster: with it, a steward is on duty only during a shift",
      args: { keep: { type: "positional", required: true, description: "on or off" } },
      examples: ["koprade duty roster on"],
      input: (given) => ({ roster: given.keep === "on" }),
      says: (input) =>
        input.roster === true ? "A steward is on duty during a shift." : "Without a roster, every steward is always on duty.",
    }),
    list: listing({
      summary: "list the shifts",
      args: { since },
      examples: ["koprade duty list"],
      header: ["SHIFT", "STEWARD", "ZONE", "FROM", "UNTIL"],
      none: "No shifts. Add one with: koprade duty add",
      rows: (given, site) => site.ledger.read.shifts(sinceOf(given, site)),
      line: (row, site) => [
        String(row.shift),
        site.name(row.member),
        row.zone ?? "everywhere",
        site.wall(row.fromMs),
        site.wall(row.untilMs),
      ],
    }),
  },
};
