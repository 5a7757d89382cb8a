/**
 * Mutants that may live, and why: the change cannot be seen from outside, or what it changes is judged elsewhere. The first entry that
 * fits gives a survivor its reason; those for one line stand before those for a kind of change.
 */
export type Reason = {
  /** of the core, e.g. `session.ts`, or a room of it, e.g. `access/`; absent: any */
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
  { file: "access/", change: /→ \["Stryker was here"\]$/, why: "stands for a list that is absent; the stranger in it fits nothing" },
  { file: "access/", line: "looksAt", why: "a sentence for staff: whether it says it well is for people to judge" },
  { file: "access/", line: 'id: "R', why: "a sentence for staff: whether it says it well is for people to judge" },
  {
    file: "access/",
    change: /^"(fails|hub|withhold|skip|noop|enabled|C)" → ""$/,
    why: "the other side of a choice between two: any other word means the same",
  },
  {
    file: "access/",
    change: /\?\.\w.* → [^?]*$/,
    why: "the fact is there whenever this is reached, or the rule throws without it and refuses: the answer stays a refusal",
  },
  {
    file: "access/",
    change: /(=== null|=== undefined) → false$/,
    why: "the guard is for the type: a comparison with nothing comes to the same",
  },
  {
    file: "access/",
    change: /(!== null|!== undefined) → true$/,
    why: "the guard is for the type: a comparison with nothing comes to the same",
  },
  { file: "access/decide.ts", line: "INTERNAL_ERROR", why: "cannot be reached: there is a reason or something to ask" },
  { file: "access/decide.ts", line: "isFree", why: "what is free stays so at every later instant: looking ahead finds no change either" },
  {
    file: "access/decide.ts",
    line: "ask.live.session.member === ask.subject?.member",
    why: "the properties see it, which found the fault that this line mends; they do not run against mutants",
  },
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
  {
    file: "access/rules.ts",
    line: "ask.nowMs === null || untilMs === null",
    why: "compared with nothing, an end lies more than a day ahead or behind: nothing is said either way",
  },
  { file: "access/flips.ts", line: "atMs !==", why: "nothing is later than now when it is nothing" },
  { file: "access/flips.ts", line: "atMs < next", why: "the same instant twice is the same instant" },
  { file: "access/flips.ts", line: "take(untilMs)", why: "taken with the warning before it as well" },
  { file: "access/facts.ts", line: "end < next", why: "the same instant twice is the same instant" },
  {
    file: "access/overrides.ts",
    line: "nowMs === null",
    why: "without the time nothing is booked by another, and where something is there is a rule of booking",
  },
  { file: "access/overrides.ts", line: "oopsMs = -1", why: "no override was given in the first millisecond of 1970" },
  { file: "access/overrides.ts", line: "DUPLICATE_REQUEST", why: "no refusal: nothing is left to override" },
  { file: "access/overrides.ts", line: "ENROLMENT_CAPTURED", why: "no refusal: nothing is left to override" },
  {
    file: "interlock-company.ts",
    line: "next.session === null",
    why: "companions come and go within a session: the guard is for the type",
  },
  {
    file: "interlock-company.ts",
    line: "state.session.missed.includes(role)) return stay",
    change: /→ false$/,
    why: "who is missed has no timer left, and their tap is the way back",
  },
  {
    file: "interlock-company.ts",
    line: "missed: current.session.missed.filter",
    change: /→ (false|\(\) => undefined)$/,
    why: "at the end of the loop nobody is missed: each place is either taken again or needed no more",
  },
  {
    file: "interlock-company.ts",
    line: "const calm = session.missed.length === 0",
    change: /→ true$/,
    why: "at the end of the loop nobody is missed, and whoever is back has stopped the timer too",
  },
  {
    file: "interlock-company.ts",
    line: "member === undefined",
    change: /→ false$/,
    why: "who comes back is named by the permit: the guard is for the type",
  },
  {
    file: "interlock-company.ts",
    line: "config.stillHereMs === null",
    why: "who was asked is asked by this time: the guard is for the type",
  },
  {
    file: "interlock-company.ts",
    line: "state.ahead?.endMono === endMono",
    change: /→ false$/,
    why: "the same end gives the same next warning",
  },
  {
    file: "interlock-company.ts",
    line: "ahead === null) return disarmed",
    why: "asked only while an end is known, and without one no warning is armed",
  },
  {
    file: "interlock-company.ts",
    line: 'ahead.reason === "closing"',
    change: /Stryker/,
    why: "a word less or more in the list is no number, and no instant",
  },
  { file: "interlock-company.ts", line: "state.ahead?.endMono ??", why: "a warning is armed only while an end is known" },
  {
    file: "interlock-people.ts",
    line: "state.asking === null ? ask(",
    change: /→ true$/,
    why: "to ask while a question is open says the same",
  },
  {
    file: "interlock-people.ts",
    line: '(state.kind === "stopping" && state.reason',
    change: /^state\.kind === "stopping" → true$/,
    why: "a grace for a tap-out is told by its cause as well, and a lockout's warning never has this reason",
  },
  {
    file: "interlock-people.ts",
    line: '(state.kind === "grace" && state.cause',
    change: /^state\.kind === "grace" → true$/,
    why: "nothing but a grace has a cause",
  },
  {
    file: "interlock-people.ts",
    line: "state.asking?.member === member) return",
    change: /→ state\.asking\.member$/,
    why: "who is being authorised has asked",
  },
  {
    file: "interlock-people.ts",
    line: "if (!isOn(state)) return [state, met]",
    why: "companions come and go within a session: the guard is for the type",
  },
  { file: "interlock-people.ts", line: '"stillHere",', why: "armed anew at once wherever operators are asked" },
  {
    file: "interlock-people.ts",
    line: "if (state.asking === null) return stay",
    why: "the timer runs only while a question is open: the guard is for the type",
  },
  {
    file: "interlock-power.ts",
    line: 'kind: "off"',
    change: /^"off"/,
    why: "where it rests is decided after that, from the rest of the state",
  },
  {
    file: "interlock-power.ts",
    line: "deadlines.meterLost === undefined",
    change: /→ false$/,
    why: "a timer that is nothing does not run",
  },
  {
    file: "interlock-power.ts",
    line: 'deadlines: without(state.deadlines, "askLocal"',
    change: /^"(askLocal|chatter)"/,
    why: "no question is open and no start is prepared any more: the timer would be ignored",
  },
  {
    file: "interlock-power.ts",
    line: 'const kept = without(base.deadlines, "askLocal"',
    change: /^"(askLocal|ready|chatter)"/,
    why: "whatever answers a question or gives up a start drops its timer, and a late one of the first is ignored",
  },
  {
    file: "interlock-power.ts",
    line: "const keepMeter",
    why: "made while the module loads, where the runner changes nothing; done by hand, the tables of a silent meter notice it",
  },
  {
    file: "interlock-senses.ts",
    line: 'disarmed(state, "verifyOff", "runOn")',
    change: /^"verifyOff"/,
    why: "ignored while the key switch holds the machine on; what it would find after that, the weld check and unowned power find",
  },
  {
    file: "interlock-power.ts",
    line: 'without(state.deadlines, "verifyOff")',
    change: /^"verifyOff"/,
    why: "a verification is ignored while power is permitted, and the next end sets its own",
  },
  {
    file: "interlock-power.ts",
    line: '"coolDown", "stop10"',
    change: /^"(coolDown|stop10)"/,
    why: "ignored in use, and dropped again by whatever ends the use",
  },
  {
    file: "interlock-power.ts",
    line: "config.ancillary === null",
    change: /=== null → false$/,
    why: "without extraction none is on: the guard is for the type",
  },
  {
    file: "interlock-power.ts",
    line: "config.coolDownC === null",
    change: /=== null → false$/,
    why: "the other of the two lines asks the same: the guard is for the type",
  },
  {
    file: "interlock-power.ts",
    line: "supervisor === undefined",
    change: /=== undefined → false$/,
    why: "a field that is nothing is not told",
  },
  {
    file: "interlock-senses.ts",
    line: 'config.permitKind === "hold" && event.powered',
    change: /→ true$/,
    why: "the line before has answered for every latching contactor that is in",
  },
  { file: "interlock-senses.ts", line: 'kind: "enabled"', change: /^"enabled"/, why: "whether it is busy or idle is decided after that" },
  {
    file: "interlock-senses.ts",
    line: "const starts =",
    change: /^(state\.kind === "busy" → false|"busy" → "")$/,
    why: "of a busy machine both ways say that it works on",
  },
  {
    file: "interlock-senses.ts",
    line: 'state.cause === "unowned_power" && !on',
    change: /^state\.kind === "bypassed" → true$/,
    why: "nothing else at rest has a cause",
  },
  {
    file: "interlock-senses.ts",
    line: 'state.cause !== "bypass"',
    change: /^state\.kind !== "bypassed" → false$/,
    why: "nothing else has this cause",
  },
  {
    file: "interlock-senses.ts",
    line: '"ready", "chatter", "weld"',
    change: /^"(askLocal|chatter)"/,
    why: "no question is open and nobody waits for the contactor to rest: the timer would be ignored",
  },
  {
    file: "interlock-senses.ts",
    line: "if (isOn(state)) return stay(state)",
    change: /→ false$/,
    why: "neither check runs while power is permitted: the guard is for the type",
  },
  {
    file: "interlock-work.ts",
    line: "jobEndReason(",
    change: /^"unknown"/,
    why: "a job of which nothing is known has not failed, whatever the word",
  },
  {
    file: "interlock-work.ts",
    line: "const gained =",
    change: /^event\.energyWh === null → false$/,
    why: "nothing is at most the total before: it gains nothing",
  },
  { file: "interlock-work.ts", line: "gained === 0", change: /→ false$/, why: "nothing added is the same sum" },
  { file: "interlock.ts", line: "default:", why: "cannot be reached: each kind has its case" },
  {
    file: "interlock.ts",
    line: 'end(state, "forced", "immediate"',
    change: /^"(forced|immediate)"/,
    why: "at rest only a lockout is told apart, and there is nothing to end at once or later",
  },
  {
    file: "interlock.ts",
    line: 'disarmed(state, "askLocal", "askGiveUp")',
    change: /^"askLocal"/,
    why: "no question is open any more: the timer would be ignored",
  },
  { file: "interlock.ts", line: "config.ancillary?.keepInFire", change: /→ config\.ancillary\.keepInFire$/, why: "what is on is there" },
  {
    file: "interlock.ts",
    line: 'state.kind === "on_idle"',
    change: /→ true$/,
    why: "only an idle machine has this timer: whatever leaves the state drops it",
  },
  {
    file: "interlock.ts",
    line: 'state.kind === "grace" || state.kind === "stopping"',
    change: /→ true$/,
    why: "only these three have one of the timers: whatever leaves them drops it",
  },
  {
    file: "interlock.ts",
    line: 'state.kind === "grace" ? stay(armed(',
    change: /→ true$/,
    why: "only a grace has this timer: whatever leaves it drops it",
  },
  {
    file: "interlock-power.ts",
    line: "state.deadlines.weld === undefined ? {}",
    change: /→ false$/,
    why: "a timer that is not set is set just below",
  },
  {
    file: "interlock-senses.ts",
    line: "const wasUnowned",
    why: "bypassed while the key is off is power that nobody owns, and no other state has that cause",
  },
  {
    file: "interlock-work.ts",
    line: "sessionWh",
    why: "what a job drew is judged against the meter on the assembled system (scenarios-jobs, S34)",
  },
];
