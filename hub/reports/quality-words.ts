/** What is doubtful in a month beyond its figures, in the four languages; the sentences about figures are the report's own (words-*.ts). */
import type { Language } from "./types.ts";

export type QualityWords = { readonly corrections: string; readonly silent: string; readonly never: string; readonly uncounted: string };

export const qualityWords: Readonly<Record<Language, QualityWords>> = {
  en: {
    corrections: "{n} corrections of sessions wait for an answer.",
    silent: "Nothing has come from {node} since {at}: what it knows of the month may still be on its way.",
    never: "Nothing has ever come from {node}.",
    uncounted: "The class {class} on {on} has no headcount.",
  },
  lv: {
    corrections: "Atbildi gaida {n} sesiju labojumi.",
    silent: "No {node} nekas nav saņemts kopš {at}: mēneša dati vēl var būt ceļā.",
    never: "No {node} vēl nekad nekas nav saņemts.",
    uncounted: "Nodarbībai {class} ({on}) nav ievadīts dalībnieku skaits.",
  },
  sv: {
    corrections: "{n} rättelser av pass väntar på svar.",
    silent: "Inget har kommit från {node} sedan {at}: det noden vet om månaden kan vara på väg.",
    never: "Inget har någonsin kommit från {node}.",
    uncounted: "Klassen {class} den {on} har inget antal deltagare.",
  },
  nb: {
    corrections: "{n} rettelser av økter venter på svar.",
    silent: "Ingenting har kommet fra {node} siden {at}: det noden vet om måneden kan være på vei.",
    never: "Ingenting har noen gang kommet fra {node}.",
    uncounted: "Klassen {class} den {on} har ikke noe antall deltakere.",
  },
};
