/** What is doubtful in a month beyond its figures, in the four languages; the sentences about figures are the report's own (words-*.ts). */
import { byLanguage } from "./word-table.ts";

export const qualityWords = byLanguage({
  corrections: [
    "{n} corrections of sessions wait for an answer.",
    "Atbildi gaida {n} sesiju labojumi.",
    "{n} rättelser av pass väntar på svar.",
    "{n} rettelser av økter venter på svar.",
  ],
  silent: [
    "Nothing has come from {node} since {at}: what it knows of the month may still be on its way.",
    "No {node} nekas nav saņemts kopš {at}: mēneša dati vēl var būt ceļā.",
    "Inget har kommit från {node} sedan {at}: det noden vet om månaden kan vara på väg.",
    "Ingenting har kommet fra {node} siden {at}: det noden vet om måneden kan være på vei.",
  ],
  never: [
    "Nothing has ever come from {node}.",
    "No {node} vēl nekad nekas nav saņemts.",
    "Inget har någonsin kommit från {node}.",
    "Ingenting har noen gang kommet fra {node}.",
  ],
  uncounted: [
    "The class {class} on {on} has no headcount.",
    "Nodarbībai {class} ({on}) nav ievadīts dalībnieku skaits.",
    "Klassen {class} den {on} har inget antal deltagare.",
    "Klassen {class} den {on} har ikke noe antall deltakere.",
  ],
});
