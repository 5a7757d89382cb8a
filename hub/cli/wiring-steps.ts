/**
 * The guided wiring test step by step, on a living node. Outputs are driven by the hub's own orders only: a door's strike for one strike
 * time, a machine's permit for a moment, behind the node's interlock; and only after the person has said that it is safe to try.
 */
import type { EventKind } from "#contract";
import { checksOf, fallsBack, rises, type WiringCheck, type WiringLine } from "#core";
import type { ControlResult } from "./control.ts";
import type { Person } from "./person.ts";
import { wiringWords } from "./wiring-words.ts";

export type Look = NonNullable<ControlResult<"look">>;
type Ordered = ControlResult<"tryPermit">;

/** What a test can do with the place. All resolve within 6 s, `until` within its limit. */
export type Trial = {
  readonly person: Person;
  readonly limitMs: number;
  look(): Promise<Look>;
  /** has the node told one of these since `mark` was called last? at its channel, or of the node itself */
  happened(...kinds: EventKind[]): boolean;
  mark(): void;
  permit(): Promise<Ordered>;
  endPermit(now: boolean): Promise<Ordered>;
  unlock(): Promise<Ordered>;
  /** looks twice a second; false: it did not become true in time */
  until(isTrue: (look: Look) => boolean, limitMs: number): Promise<boolean>;
  boardIs(state: "ready" | "lost"): boolean;
};

const settleMs = 12_000;
/** how long an auxiliary contact may take to follow the permit by itself */
const followMs = 3000;
type Found = Omit<WiringLine, "check">;
const told = (ok: boolean | null, yesText: string, noText: string): Found => ({
  ok,
  by: "person",
  found: ok === null ? "nobody answered" : ok ? yesText : noText,
});
const seen = (ok: boolean, yesText: string, noText: string): Found => ({ ok, by: "node", found: ok ? yesText : noText });
/** Nothing was seen: wrong where the person did their part, else only not tried. */
const unseen = async ({ person, limitMs }: Trial, question: string, found: string): Promise<Found> =>
  (await person.ask(question, limitMs)) === true ? { ok: false, by: "node", found } : notTried(`${found}; nobody says that it was tried`);
const notTried = (why: string): Found => ({ ok: null, by: "node", found: why });

const lastW = ({ powerW }: Look): number | null => powerW;
const watts = (powerW: number | null): string => (powerW === null ? "no reading" : `${powerW.toFixed(1)} W`);

/** Every line of the place, in order. Whatever happens, the permit is taken away at the end. */
export async function runSteps(trial: Trial, first: Look): Promise<WiringLine[]> {
  const senses = first.senses ?? [];
  const lines: WiringLine[] = [];
  const test = machineTest(trial, senses);
  try {
    for (const check of checksOf(first.kind, senses)) {
      const line = { check, ...(await (first.kind === "machine" ? test(check) : doorStep(trial, check))) };
      lines.push(line);
      trial.person.tell(wiringWords.line(line));
    }
  } finally {
    if (first.kind === "machine") await end(trial);
  }
  return lines;
}

function machineTest(trial: Trial, senses: readonly string[]): (check: WiringCheck) => Promise<Found> {
  const latching = senses.includes("latching");
  let restW: number | null = null;
  let mayTry = true;
  /** Nothing is energised after a wrong or missing answer, nor after an output or contact that is on where it should be off. */
  const needed = async (step: Promise<Found>): Promise<Found> => {
    const found = await step;
    if (found.ok !== true) mayTry = false;
    return found;
  };
  const tried = (step: () => Promise<Found>): Promise<Found> =>
    mayTry ? step() : Promise.resolve(notTried("not tried: what comes before it was not right, or nobody said that it is safe"));
  return async (check) => {
    switch (check) {
      case "reader":
        return reader(trial);
      case "rest": {
        const [found, powerW] = await atRest(trial, senses);
        restW = powerW;
        await needed(Promise.resolve(found));
        if (mayTry)
          mayTry =
            (await trial.person.ask("The machine will be permitted for a moment. Is everybody clear of it?", trial.limitMs)) === true;
        return found;
      }
      case "permit":
        return tried(() => permit(trial, senses));
      case "draws":
        return tried(() => draws(trial, senses, restW));
      case "stops":
        return tried(() => needed(stops(trial, senses, restW)));
      case "cable":
        return cable(trial, mayTry && !latching);
      case "back":
        return back(trial);
      default:
        return needed(checklist(trial, check));
    }
  };
}

/** Off, by everything that tells; and what its meter says then, freshly. */
async function atRest(trial: Trial, senses: readonly string[]): Promise<readonly [Found, number | null]> {
  await end(trial);
  const sinceMs = (await trial.look()).samples.at(-1)?.atMs ?? 0;
  const isFresh = ({ samples }: Look): boolean => (samples.at(-1)?.atMs ?? 0) > sinceMs && samples.at(-1)?.powerW !== null;
  if (senses.includes("meter")) await trial.until(isFresh, settleMs);
  const look = await trial.look();
  const powerW = look.samples.at(-1)?.powerW ?? null;
  const isOff = look.permitted === false && look.powered !== true;
  return [seen(isOff, `off, ${watts(powerW)}`, look.powered === true ? "its contact is closed" : "its output is on"), powerW];
}

/** What no node can sense. */
async function checklist(trial: Trial, check: WiringCheck): Promise<Found> {
  const answer = await trial.person.ask(wiringWords.of(check).ask, trial.limitMs);
  return told(answer, "yes", "no");
}

async function reader(trial: Trial): Promise<Found> {
  trial.mark();
  trial.person.tell(wiringWords.of("reader").ask);
  const isRead = await trial.until(() => trial.happened("access.decided", "card.captured"), trial.limitMs);
  return isRead ? seen(true, "a card was read", "") : unseen(trial, "No card was read. Did you tap one?", "no card was read");
}

async function permit(trial: Trial, senses: readonly string[]): Promise<Found> {
  const ordered = await trial.permit();
  const isOn = await trial.until(({ permitted }) => permitted === true, settleMs);
  if (!isOn) return seen(false, "", ordered.status === "rejected" ? ordered.sentence : "the node did not switch its output");
  if (senses.includes("aux") && (await trial.until(({ powered }) => powered === true, followMs)))
    return seen(true, "its contact closed", "");
  return told(await trial.person.ask(wiringWords.of("permit").ask, trial.limitMs), "it clicked", "nothing clicked");
}

async function draws(trial: Trial, senses: readonly string[], restW: number | null): Promise<Found> {
  const { person, limitMs } = trial;
  if ((await trial.look()).permitted !== true) return notTried("it was not permitted");
  person.tell(wiringWords.of("draws").ask);
  if (senses.includes("meter")) {
    if (restW === null) return seen(false, "", "the meter says nothing");
    const isRisen = await trial.until((look) => rises(restW, lastW(look) ?? Number.NEGATIVE_INFINITY), limitMs);
    const nowW = lastW(await trial.look());
    if (isRisen) return seen(true, `from ${watts(restW)} to ${watts(nowW)}`, "");
    return unseen(trial, "The meter sees nothing. Does the machine run?", `it stays at ${watts(nowW)}`);
  }
  if (senses.includes("aux")) {
    if (await trial.until(({ powered }) => powered === true, limitMs)) return seen(true, "its contact closed", "");
    return unseen(trial, "Its contact stays open. Does the machine run?", "its contact stays open");
  }
  return told(await person.ask("Does it run?", limitMs), "it runs", "it does not run");
}

async function stops(trial: Trial, senses: readonly string[], restW: number | null): Promise<Found> {
  await trial.person.confirm("Let the machine come to rest.", trial.limitMs);
  trial.person.tell(wiringWords.of("stops").ask);
  if (!(await end(trial))) return seen(false, "", "the node keeps its output on");
  if (senses.includes("aux") && !(await trial.until(({ powered }) => powered === false, settleMs)))
    return seen(false, "", "its contact stays closed");
  if (senses.includes("meter") && restW !== null) {
    const isBack = await trial.until((look) => fallsBack(restW, lastW(look) ?? Number.POSITIVE_INFINITY), 2 * settleMs);
    const nowW = lastW(await trial.look());
    return seen(isBack, `off, ${watts(nowW)}`, `it still draws ${watts(nowW)}`);
  }
  if (senses.includes("aux")) return seen(true, "its contact opened", "");
  return told(await trial.person.ask("Is the machine without power now?", trial.limitMs), "off", "it still has power");
}

/** Pulled while it is permitted, where the permit should fall with the board; else at rest. */
async function cable(trial: Trial, permitted: boolean): Promise<Found> {
  const { person, limitMs } = trial;
  if (permitted) {
    await trial.permit();
    if (!(await trial.until((look) => look.permitted === true, 2 * settleMs))) return notTried("it could not be permitted once more");
  }
  trial.mark();
  person.tell(wiringWords.of("cable").ask);
  if (!(await trial.until(() => trial.boardIs("lost"), limitMs))) return notTried("the board still answers");
  if (permitted && !(await trial.until((look) => look.permitted === false, settleMs))) return seen(false, "", "the permit stays");
  return told(
    await person.ask("With the cable out: is it off, and did the relay let go?", limitMs),
    "it fell with the board",
    "it stays on without the board",
  );
}

async function back(trial: Trial): Promise<Found> {
  if (!trial.happened("node.board")) return notTried("the cable was not pulled");
  trial.person.tell(wiringWords.of("back").ask);
  if (!(await trial.until(() => trial.boardIs("ready"), trial.limitMs))) return seen(false, "", "the board does not come back");
  const starts = await trial.until((look) => look.permitted === true || look.powered === true, followMs);
  return seen(!starts, "the board is back, and off", "it came on by itself");
}

async function doorStep(trial: Trial, check: WiringCheck): Promise<Found> {
  const { person, limitMs } = trial;
  if (check === "reader") return reader(trial);
  if (check === "back") return back(trial);
  if (check === "strike") {
    const ordered = await trial.unlock();
    if (ordered.status !== "applied" && ordered.status !== "verified")
      return seen(false, "", ordered.status === "rejected" ? ordered.sentence : "the node did not answer");
    return told(await person.ask(wiringWords.of("strike").ask, limitMs), "it let go", "it did not let go");
  }
  if (check === "contact") {
    person.tell(wiringWords.of("contact").ask);
    const opened = await trial.until(({ open }) => open === true, limitMs);
    const closed = opened && (await trial.until(({ open }) => open === false, limitMs));
    if (closed) return seen(true, "seen open, seen closed", "");
    return unseen(trial, "Did you open the door and close it?", opened ? "it is not seen to close" : "it is not seen to open");
  }
  if (check === "exit_button") {
    trial.mark();
    person.tell(wiringWords.of("exit_button").ask);
    if (await trial.until(() => trial.happened("door.rex"), limitMs)) return seen(true, "it was pressed", "");
    return unseen(trial, "Did you press the exit button?", "it was not felt");
  }
  trial.mark();
  person.tell(wiringWords.of("cable").ask);
  if (!(await trial.until(() => trial.boardIs("lost"), limitMs))) return notTried("the board still answers");
  return told(
    await person.ask("With the cable out: is the door as it should be without power, and can people get out?", limitMs),
    "as it should be",
    "not as it should be",
  );
}

/** First as soon as it is idle; a machine that says it works although it was stopped, at once. True when its output is off. */
async function end(trial: Trial): Promise<boolean> {
  const isOff = ({ permitted }: Look): boolean => permitted === false;
  if (isOff(await trial.look())) return true;
  await trial.endPermit(false);
  if (await trial.until(isOff, settleMs)) return true;
  await trial.endPermit(true);
  return trial.until(isOff, settleMs);
}
