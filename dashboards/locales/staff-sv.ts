/** Texts of the pages of staff and of the frame around all pages, in Swedish. */
import type { Area } from "./shape.ts";
import type { staffEn } from "./staff-en.ts";

export const staffSv: Area<typeof staffEn> = {
  messages: {
    "nav.pages": "Alla sidor",
    "nav.main": "Viktigaste sidorna",
    "nav.menu": "Meny",
    "nav.colours": "Färger",
    "nav.contrast": "Hög kontrast",
    "nav.group_today": "I dag",
    "nav.group_mine": "Mitt",
    "nav.group_people": "Människor",
    "nav.group_records": "Underlag",
    "nav.group_system": "System",
    "page.none": "Den sidan finns inte",
    "page.none_long": "Den kan ha flyttats, eller så får ditt konto inte öppna den.",
    "page.home": "Till första sidan",
    "page.failed": "Sidan kunde inte visas",
    "page.failed_long": "Hubben kan ha uppdaterats under tiden. Att ladda om brukar hjälpa.",
    "page.reload": "Ladda om",
  },
  plurals: {},
};
