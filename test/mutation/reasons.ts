/**
 * Mutants that may live, and why: the change cannot be seen from outside, or what it changes is judged elsewhere. The first entry that
 * fits gives a survivor its reason; those for one line stand before those for a kind of change.
 */
export type Reason = {
  /** of the core, e.g. `session.ts`; absent: any */
  readonly file?: string;
  /** a part of the mutated source line, as it is written; absent: any */
  readonly line?: string;
  /** the change, `before → after`; absent: any */
  readonly change?: RegExp;
  readonly why: string;
};

export const reasons: readonly Reason[] = [
  {
    file: "session.ts",
    line: "seen",
    why: "a doubled event stands beside its double, and every event told twice in a row changes nothing",
  },
  { file: "session.ts", line: "body.session !== null", why: "no session is called null: the guard is for the type" },
  {
    file: "session.ts",
    line: "session === undefined",
    why: "nothing to sign off is signed off; the record that would appear has no id that anybody asks for",
  },
  {
    file: "session-company.ts",
    line: "one.role === role",
    why: "of two that are missed the one who has gone keeps their instant; both together are not told apart yet",
  },
  { change: /→ \["Stryker was here"\]$/, why: "stands for a list that is absent; the stranger in it fits nothing" },
  { line: "looksAt", why: "a sentence for staff: whether it says it well is for people to judge" },
  { line: 'id: "R', why: "a sentence for staff: whether it says it well is for people to judge" },
  {
    change: /^"(fails|hub|withhold|skip|noop|enabled|C)" → ""$/,
    why: "the other side of a choice between two: any other word means the same",
  },
  {
    change: /\?\.\w.* → [^?]*$/,
    why: "the fact is there whenever this is reached, or the rule throws without it and refuses: the answer stays a refusal",
  },
  { change: /(=== null|=== undefined) → false$/, why: "the guard is for the type: a comparison with nothing comes to the same" },
  { change: /(!== null|!== undefined) → true$/, why: "the guard is for the type: a comparison with nothing comes to the same" },
  { file: "access/decide.ts", line: "INTERNAL_ERROR", why: "cannot be reached: there is a reason or something to ask" },
  { file: "access/decide.ts", line: "isFree", why: "what is free stays so at every later instant: looking ahead finds no change either" },
  { file: "access/decide.ts", line: "noop", why: "what was done stays so at every later instant: looking ahead finds no change either" },
  { file: "access/decide.ts", line: "phase: ", why: "of one's own session neither phase nor idle time matters to an extension" },
  { file: "access/decide.ts", line: "ask.subject === null", why: "nobody is granted a use" },
  { file: "access/decide.ts", line: "flipMs >= untilMs", why: "at the very end of the lease both name the same instant" },
  { file: "access/decide.ts", line: "where.place", why: "at the hub nothing reads the age of a snapshot" },
  {
    file: "access/decide.ts",
    line: "a.length",
    why: "no two answers differ only by a longer list: a code more names another reason or grant",
  },
  { file: "access/decide.ts", line: "a.outcome", why: "no two outcomes share a reason" },
  { file: "access/decide.ts", line: "leaseMs: 0", why: "compared with 0, no lease is none" },
  { file: "access/decide.ts", line: "verdict.as", why: "no grant is called null" },
  { file: "access/decide.ts", line: 'case "skip"', why: "the last case: there is nothing to fall through to" },
  { file: "access/facts.ts", line: 'where.place === "node"', why: "at the hub there is no word of a hub in reach" },
  { file: "access/rules.ts", line: 'where.place === "hub"', why: "at the hub nobody is alone, which is asked first" },
  { file: "access/bookings.ts", line: "booking?.leadMs", why: "asked only where there is a rule of booking: without one R66 says nothing" },
  { file: "access/bookings.ts", line: "bookings?.find", why: "a place with a rule of booking has a list of bookings" },
  { file: "access/people.ts", line: "guest?.host", why: "asked of guests only: R73 says nothing of members" },
  { file: "access/flips.ts", line: "atMs !==", why: "nothing is later than now when it is nothing" },
  { file: "access/flips.ts", line: "atMs < next", why: "the same instant twice is the same instant" },
  { file: "access/flips.ts", line: "take(untilMs)", why: "taken with the warning before it as well" },
  { file: "access/facts.ts", line: "end < next", why: "the same instant twice is the same instant" },
  {
    file: "access/overrides.ts",
    line: "nowMs === null",
    why: "without the time nothing is booked by another, and where something is there is a rule of booking",
  },
  { file: "access/overrides.ts", line: "DUPLICATE_REQUEST", why: "no refusal: nothing is left to override" },
  { file: "access/overrides.ts", line: "ENROLMENT_CAPTURED", why: "no refusal: nothing is left to override" },
  { file: "access/overrides.ts", line: 'rule === "R70"', why: "no other rule about use refuses who teaches or mends" },
  { change: /\.some\(.* → .*\.every\(/, why: "one companion is all there is at a time" },
];
