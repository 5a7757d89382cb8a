/** Reports in four languages: the words by language, the reasons of refusals, and how values are put into sentences. */
import type { Code } from "#contract";
import type { Language } from "./types.ts";
import { en, type Words } from "./words-en.ts";
import { lv } from "./words-lv.ts";
import { nb } from "./words-nb.ts";
import { sv } from "./words-sv.ts";

export const words: Readonly<Record<Language, Words>> = { en, lv, sv, nb };

/** `fill("{n} of {m}", { n: 1, m: 2 })` is "1 of 2". */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Reasons that people meet, in the order en, lv, sv, nb. A code that is not here is shown as it is spelled. */
const reasons: Partial<Record<Code, readonly [string, string, string, string]>> = {
  UNKNOWN_CREDENTIAL: ["Card not known", "Karte nav zināma", "Okänt kort", "Ukjent kort"],
  CREDENTIAL_REVOKED: ["Card blocked", "Karte bloķēta", "Spärrat kort", "Sperret kort"],
  CREDENTIAL_EXPIRED: ["Card expired", "Karte beigusies", "Kortet har gått ut", "Kortet er utløpt"],
  CREDENTIAL_NOT_YET_VALID: ["Card not yet valid", "Karte vēl nav derīga", "Kortet gäller inte än", "Kortet gjelder ikke ennå"],
  CREDENTIAL_UNUSABLE: ["Card cannot be used", "Karte nav lietojama", "Kortet kan inte användas", "Kortet kan ikke brukes"],
  MEMBER_SUSPENDED: ["Member suspended", "Biedrs apturēts", "Medlem avstängd", "Medlem suspendert"],
  HOLD_ACTIVE: ["Hold on the account", "Konts aizturēts", "Kontot är spärrat", "Kontoen er sperret"],
  RESTRICTED_HERE: ["Not allowed here", "Šeit nav atļauts", "Inte tillåtet här", "Ikke tillatt her"],
  MEMBERSHIP_NONE: ["No membership", "Nav dalības", "Inget medlemskap", "Ikke medlem"],
  MEMBERSHIP_NOT_STARTED: [
    "Membership not started",
    "Dalība vēl nav sākusies",
    "Medlemskapet har inte börjat",
    "Medlemskapet har ikke startet",
  ],
  MEMBERSHIP_EXPIRED: ["Membership ended", "Dalība beigusies", "Medlemskapet har upphört", "Medlemskapet er utløpt"],
  NOT_IN_PLAN: ["Not in the plan", "Nav iekļauts plānā", "Ingår inte i planen", "Ikke med i planen"],
  WAIVER_MISSING: ["Waiver not signed", "Nav parakstīti noteikumi", "Villkor inte undertecknade", "Vilkår ikke signert"],
  WAIVER_OUTDATED: ["Waiver outdated", "Noteikumi mainījušies", "Villkoren har ändrats", "Vilkårene er endret"],
  OUTSIDE_OPENING_HOURS: ["Outside opening hours", "Ārpus darba laika", "Utanför öppettid", "Utenfor åpningstid"],
  HOLIDAY_CLOSED: ["Closed: holiday", "Slēgts: svētki", "Stängt: helg", "Stengt: helligdag"],
  OUTSIDE_SCHEDULE: ["Outside the plan's hours", "Ārpus plāna laika", "Utanför planens tider", "Utenfor planens tider"],
  TIME_TOO_SHORT: ["Too little time left", "Atlicis pārāk maz laika", "För lite tid kvar", "For lite tid igjen"],
  LOCKED_OUT: ["Locked out", "Bloķēta", "Låst", "Låst av"],
  OUT_OF_ORDER: ["Out of order", "Nedarbojas", "Ur funktion", "I ustand"],
  DEVICE_FAULT: ["Fault", "Bojājums", "Fel", "Feil"],
  RESOURCE_DISABLED: ["Switched off", "Izslēgta", "Avstängd", "Slått av"],
  RESOURCE_OFFLINE: ["Not reachable", "Nav sasniedzama", "Går inte att nå", "Ikke tilgjengelig"],
  IN_USE: ["In use", "Tiek lietota", "Används", "I bruk"],
  NEEDS_CHECK: ["Needs a check", "Jāpārbauda", "Behöver kontroll", "Må sjekkes"],
  TRAINING_MISSING: ["Training missing", "Nav apmācības", "Utbildning saknas", "Mangler opplæring"],
  TRAINING_EXPIRED: ["Training expired", "Apmācība beigusies", "Utbildningen har gått ut", "Opplæringen er utløpt"],
  TRAINING_SUSPENDED: ["Training suspended", "Apmācība apturēta", "Utbildningen är indragen", "Opplæringen er trukket"],
  CLOCK_UNTRUSTED: ["Clock not trusted", "Pulkstenis nav drošs", "Klockan är osäker", "Klokken er usikker"],
  SNAPSHOT_STALE: ["Offline too long", "Pārāk ilgi bezsaistē", "Offline för länge", "Frakoblet for lenge"],
  OFFLINE_NO_SNAPSHOT: ["No permissions at the node", "Mezglam nav atļauju", "Noden saknar behörigheter", "Noden mangler tillatelser"],
  TOO_MANY_ATTEMPTS: ["Too many attempts", "Pārāk daudz mēģinājumu", "För många försök", "For mange forsøk"],
  EMERGENCY_ACTIVE: ["Emergency", "Ārkārtas situācija", "Nödläge", "Nødsituasjon"],
  LOCKDOWN: ["Lockdown", "Slēgts režīms", "Låst läge", "Nedstengt"],
};
const order: readonly Language[] = ["en", "lv", "sv", "nb"];

export function reasonIn(language: Language, code: Code): string {
  return reasons[code]?.[order.indexOf(language)] ?? code;
}
