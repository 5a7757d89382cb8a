/**
 * What people are told when they are not there (domain.md §3.5, §4.5 "notify at end"; experience.md §8): which end of a session is worth
 * a word, and the words. Nothing that keeps anybody safe depends on a notice. No names: a notice may pass through somebody else's server.
 */
import type { JobState } from "#contract";
import type { Locale } from "./access/explain.ts";
import type { SessionRecord } from "./session.ts";

export type NoticeKind =
  | "job_complete"
  | "job_failed"
  /** it does no more, and nobody said how it ended: an end told by power is a guess */
  | "job_over"
  | "job_ended"
  | "override_given"
  | "correction_granted"
  | "correction_refused"
  | "duress"
  | "machine_free"
  | "test";
/** What a notice is about; energy as the meter told it, absent where it told nothing. */
export type NoticeFacts = {
  readonly label: string;
  readonly lastedMs?: number;
  readonly energyWh?: number;
  readonly heatingWh?: number;
  readonly workWh?: number;
  /** UTC ms until which an override holds */
  readonly untilMs?: number;
};

/** Whoever left a machine to its job is told of the end; whoever stood there knows. */
export function noticeOfEnd(session: SessionRecord, label: string): { readonly kind: NoticeKind; readonly facts: NoticeFacts } | null {
  if (session.isLeft !== true || session.endMs === null) return null;
  const job = session.jobs?.at(-1);
  const { energyWh, startMs, endMs } = session;
  const parts =
    typeof job?.heatingWh === "number" && typeof job.workWh === "number" ? { heatingWh: job.heatingWh, workWh: job.workWh } : {};
  return { kind: kindOfEnd(session.endReason, job?.state), facts: { label, lastedMs: endMs - startMs, energyWh, ...parts } };
}

function kindOfEnd(reason: SessionRecord["endReason"], last: JobState | undefined): NoticeKind {
  if (reason === "job_failed") return "job_failed";
  if (reason !== "job_complete") return "job_ended";
  return last === "complete" ? "job_complete" : "job_over";
}

type Words = {
  readonly title: Readonly<Record<NoticeKind, string>>;
  readonly next: Readonly<Record<NoticeKind, string>>;
  readonly took: string;
  readonly parts: string;
  readonly why: Readonly<Record<NoticeKind, string>>;
};
const words: Readonly<Record<Locale, Words>> = {
  en: {
    title: {
      job_complete: "{label}: your job is done",
      job_failed: "{label}: your job failed",
      job_over: "{label}: your job seems to be over",
      job_ended: "{label}: your job was stopped",
      override_given: "{label}: a rule is set aside",
      correction_granted: "{label}: your session is corrected",
      correction_refused: "{label}: your correction was refused",
      duress: "{label}: silent alarm",
      machine_free: "{label}: it is free",
      test: "Koprade: a test",
    },
    next: {
      job_complete: "Please come and clear the machine.",
      job_failed: "Please come and see what happened.",
      job_over: "Nobody told how it ended. Please come and see.",
      job_ended: "Please come and see, or ask staff.",
      override_given: "It holds until {until}. Staff can tell for whom and why, and end it.",
      correction_granted: "The month's figures count it as you said.",
      correction_refused: "Ask the desk for the reason: it is on record.",
      duress: "A member there is being forced. Nothing there shows it. Do what you have agreed on.",
      machine_free: "Come soon: it is nobody's until somebody taps.",
      test: "Notices reach you here.",
    },
    took: "Session of {hours}, {energy} kWh.",
    parts: "Heating {heating} kWh, work {work} kWh.",
    why: {
      job_complete: "You get this because you left the job running. To stop it, tell staff.",
      job_failed: "You get this because you left the job running. To stop it, tell staff.",
      job_over: "You get this because you left the job running. To stop it, tell staff.",
      job_ended: "You get this because you left the job running. To stop it, tell staff.",
      override_given: "You get this because you maintain {label}. To stop it, tell staff.",
      correction_granted: "You get this because you asked for the correction. To stop it, tell staff.",
      correction_refused: "You get this because you asked for the correction. To stop it, tell staff.",
      duress: "You get this because you are staff. To stop it, have your role or your address taken away.",
      machine_free: "You get this because you asked to hear when it is free. It is sent once.",
      test: "You get this because somebody tried your notices. To stop it, tell staff.",
    },
  },
  lv: {
    title: {
      job_complete: "{label}: darbs ir pabeigts",
      job_failed: "{label}: darbs neizdevās",
      job_over: "{label}: darbs, šķiet, ir beidzies",
      job_ended: "{label}: darbs tika apturēts",
      override_given: "{label}: noteikums uz laiku atcelts",
      correction_granted: "{label}: jūsu sesija ir labota",
      correction_refused: "{label}: jūsu labojums noraidīts",
      duress: "{label}: klusā trauksme",
      machine_free: "{label}: iekārta ir brīva",
      test: "Koprade: pārbaude",
    },
    next: {
      job_complete: "Lūdzu, atnāciet un atbrīvojiet iekārtu.",
      job_failed: "Lūdzu, atnāciet un apskatiet, kas noticis.",
      job_over: "Kā tas beidzās, nav zināms. Lūdzu, atnāciet un apskatiet.",
      job_ended: "Lūdzu, atnāciet apskatīt vai jautājiet darbiniekiem.",
      override_given: "Spēkā līdz {until}. Darbinieki zina, kam un kāpēc, un var to izbeigt.",
      correction_granted: "Mēneša skaitļos tā ieskaitīta tā, kā norādījāt.",
      correction_refused: "Iemeslu pajautājiet darbiniekiem: tas ir pierakstīts.",
      duress: "Kādu biedru tur piespiež. Nekas tur to nerāda. Rīkojieties, kā norunāts.",
      machine_free: "Nāciet drīz: tā pieder tam, kurš pirmais pieliks karti.",
      test: "Paziņojumi jūs sasniedz šeit.",
    },
    took: "Sesija {hours}, {energy} kWh.",
    parts: "Sildīšana {heating} kWh, darbs {work} kWh.",
    why: {
      job_complete: "Saņemat šo, jo atstājāt darbu bez uzraudzības. Lai atteiktos, pasakiet darbiniekiem.",
      job_failed: "Saņemat šo, jo atstājāt darbu bez uzraudzības. Lai atteiktos, pasakiet darbiniekiem.",
      job_over: "Saņemat šo, jo atstājāt darbu bez uzraudzības. Lai atteiktos, pasakiet darbiniekiem.",
      job_ended: "Saņemat šo, jo atstājāt darbu bez uzraudzības. Lai atteiktos, pasakiet darbiniekiem.",
      override_given: "Saņemat šo, jo uzturat {label}. Lai atteiktos, pasakiet darbiniekiem.",
      correction_granted: "Saņemat šo, jo lūdzāt labojumu. Lai atteiktos, pasakiet darbiniekiem.",
      correction_refused: "Saņemat šo, jo lūdzāt labojumu. Lai atteiktos, pasakiet darbiniekiem.",
      duress: "Saņemat šo, jo esat darbinieks. Lai atteiktos, lūdziet noņemt lomu vai adresi.",
      machine_free: "Saņemat šo, jo lūdzāt paziņot, kad iekārta būs brīva. Paziņojam vienreiz.",
      test: "Saņemat šo, jo kāds pārbaudīja jūsu paziņojumus. Lai atteiktos, pasakiet darbiniekiem.",
    },
  },
  sv: {
    title: {
      job_complete: "{label}: ditt jobb är klart",
      job_failed: "{label}: ditt jobb misslyckades",
      job_over: "{label}: ditt jobb verkar vara över",
      job_ended: "{label}: ditt jobb stoppades",
      override_given: "{label}: en regel är åsidosatt",
      correction_granted: "{label}: ditt pass är rättat",
      correction_refused: "{label}: din rättelse avslogs",
      duress: "{label}: tyst larm",
      machine_free: "{label}: maskinen är ledig",
      test: "Koprade: ett test",
    },
    next: {
      job_complete: "Kom och töm maskinen.",
      job_failed: "Kom och se vad som hänt.",
      job_over: "Ingen sade hur det slutade. Kom och se.",
      job_ended: "Kom och se, eller fråga personalen.",
      override_given: "Det gäller till {until}. Personalen vet för vem och varför, och kan avsluta det.",
      correction_granted: "Månadens siffror räknar det som du sade.",
      correction_refused: "Fråga personalen om skälet: det är antecknat.",
      duress: "En medlem där tvingas. Inget där visar det. Gör det ni har kommit överens om.",
      machine_free: "Kom snart: den är ingens förrän någon visar sitt kort.",
      test: "Meddelanden når dig här.",
    },
    took: "Pass på {hours}, {energy} kWh.",
    parts: "Uppvärmning {heating} kWh, arbete {work} kWh.",
    why: {
      job_complete: "Du får detta för att du lämnade jobbet i gång. Säg till personalen om du inte vill ha det.",
      job_failed: "Du får detta för att du lämnade jobbet i gång. Säg till personalen om du inte vill ha det.",
      job_over: "Du får detta för att du lämnade jobbet i gång. Säg till personalen om du inte vill ha det.",
      job_ended: "Du får detta för att du lämnade jobbet i gång. Säg till personalen om du inte vill ha det.",
      override_given: "Du får detta för att du underhåller {label}. Säg till personalen om du inte vill ha det.",
      correction_granted: "Du får detta för att du bad om rättelsen. Säg till personalen om du inte vill ha det.",
      correction_refused: "Du får detta för att du bad om rättelsen. Säg till personalen om du inte vill ha det.",
      duress: "Du får detta för att du hör till personalen. Be om att roll eller adress tas bort om du inte vill ha det.",
      machine_free: "Du får detta för att du bad om besked när den blir ledig. Det skickas en gång.",
      test: "Du får detta för att någon provade dina meddelanden. Säg till personalen om du inte vill ha det.",
    },
  },
  nb: {
    title: {
      job_complete: "{label}: jobben din er ferdig",
      job_failed: "{label}: jobben din mislyktes",
      job_over: "{label}: jobben din ser ut til å være over",
      job_ended: "{label}: jobben din ble stoppet",
      override_given: "{label}: en regel er satt til side",
      correction_granted: "{label}: økten din er rettet",
      correction_refused: "{label}: rettelsen din ble avslått",
      duress: "{label}: stille alarm",
      machine_free: "{label}: maskinen er ledig",
      test: "Koprade: en test",
    },
    next: {
      job_complete: "Kom og tøm maskinen.",
      job_failed: "Kom og se hva som skjedde.",
      job_over: "Ingen sa hvordan den endte. Kom og se.",
      job_ended: "Kom og se, eller spør betjeningen.",
      override_given: "Det gjelder til {until}. Betjeningen vet for hvem og hvorfor, og kan avslutte det.",
      correction_granted: "Månedens tall regner den som du sa.",
      correction_refused: "Spør betjeningen om grunnen: den er notert.",
      duress: "Et medlem der blir tvunget. Ingenting der viser det. Gjør det dere har avtalt.",
      machine_free: "Kom snart: den er ingens før noen viser kortet sitt.",
      test: "Varsler når deg her.",
    },
    took: "Økt på {hours}, {energy} kWh.",
    parts: "Oppvarming {heating} kWh, arbeid {work} kWh.",
    why: {
      job_complete: "Du får dette fordi du forlot jobben mens den gikk. Si fra til betjeningen for å slippe.",
      job_failed: "Du får dette fordi du forlot jobben mens den gikk. Si fra til betjeningen for å slippe.",
      job_over: "Du får dette fordi du forlot jobben mens den gikk. Si fra til betjeningen for å slippe.",
      job_ended: "Du får dette fordi du forlot jobben mens den gikk. Si fra til betjeningen for å slippe.",
      override_given: "Du får dette fordi du vedlikeholder {label}. Si fra til betjeningen for å slippe.",
      correction_granted: "Du får dette fordi du ba om rettelsen. Si fra til betjeningen for å slippe.",
      correction_refused: "Du får dette fordi du ba om rettelsen. Si fra til betjeningen for å slippe.",
      duress: "Du får dette fordi du hører til betjeningen. Be om at rolle eller adresse fjernes for å slippe.",
      machine_free: "Du får dette fordi du ba om beskjed når den blir ledig. Det sendes én gang.",
      test: "Du får dette fordi noen prøvde varslene dine. Si fra til betjeningen for å slippe.",
    },
  },
};

const minuteMs = 60_000;

/** A notice in words: a title of one line, and lines that end with why it was sent and how to stop it. `tz`: the space's zone. */
export function noticeText(
  locale: Locale,
  kind: NoticeKind,
  facts: NoticeFacts,
  tz: string,
): { readonly title: string; readonly lines: readonly string[] } {
  const w = words[locale];
  const { label, lastedMs, energyWh, heatingWh, workWh, untilMs } = facts;
  const fill = (text: string, values: Readonly<Record<string, string>> = {}): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => ({ label, ...values })[name] ?? whole);
  const until = untilMs === undefined ? {} : { until: wallOf(untilMs, tz) };
  const took =
    lastedMs === undefined || energyWh === undefined ? [] : [fill(w.took, { hours: hoursOf(lastedMs), energy: kWhOf(energyWh, locale) })];
  const parts =
    heatingWh === undefined || workWh === undefined
      ? []
      : [fill(w.parts, { heating: kWhOf(heatingWh, locale), work: kWhOf(workWh, locale) })];
  return { title: fill(w.title[kind]), lines: [...took, ...parts, fill(w.next[kind], until), fill(w.why[kind])] };
}

const kWhOf = (wh: number, locale: Locale): string =>
  (wh / 1000).toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function hoursOf(ms: number): string {
  const minutes = Math.round(ms / minuteMs);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const wallOf = (ms: number, tz: string): string => {
  const at = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(tz);
  return `${at.toPlainDate()} ${at.toPlainTime().toString({ smallestUnit: "minute" })}`;
};
