/** Texts of the pages of staff and of the frame around all pages, in Latvian. */
import type { Area } from "./shape.ts";
import type { staffEn } from "./staff-en.ts";

export const staffLv: Area<typeof staffEn> = {
  messages: {
    "nav.pages": "Visas lapas",
    "nav.main": "Galvenās lapas",
    "nav.menu": "Izvēlne",
    "nav.colours": "Krāsas",
    "nav.contrast": "Augsts kontrasts",
    "nav.group_today": "Šodien",
    "nav.group_mine": "Mans",
    "nav.group_people": "Cilvēki",
    "nav.group_records": "Uzskaite",
    "nav.group_system": "Sistēma",
    "page.none": "Šādas lapas nav",
    "page.none_long": "Tā var būt pārvietota, vai jūsu kontam tā nav pieejama.",
    "page.home": "Uz sākumlapu",
    "page.failed": "Šo lapu neizdevās parādīt",
    "page.failed_long": "Iespējams, centrmezgls pa to laiku ir atjaunināts. Parasti palīdz pārlādēšana.",
    "page.reload": "Pārlādēt",
  },
  plurals: {},
};
