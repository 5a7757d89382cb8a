/** Texts of the pages of staff and of the frame around all pages, in Norwegian. */
import type { Area } from "./shape.ts";
import type { staffEn } from "./staff-en.ts";

export const staffNb: Area<typeof staffEn> = {
  messages: {
    "nav.pages": "Alle sider",
    "nav.main": "De viktigste sidene",
    "nav.menu": "Meny",
    "nav.colours": "Farger",
    "nav.contrast": "Høy kontrast",
    "nav.group_today": "I dag",
    "nav.group_mine": "Mitt",
    "nav.group_people": "Mennesker",
    "nav.group_records": "Oversikt",
    "nav.group_system": "System",
    "page.none": "Siden finnes ikke",
    "page.none_long": "Den kan være flyttet, eller kontoen din har ikke tilgang.",
    "page.home": "Til første side",
    "page.failed": "Siden kunne ikke vises",
    "page.failed_long": "Huben kan ha blitt oppdatert i mellomtiden. Det hjelper som regel å laste på nytt.",
    "page.reload": "Last inn på nytt",
  },
  plurals: {},
};
