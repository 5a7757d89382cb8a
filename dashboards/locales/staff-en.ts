/** Texts of the pages of staff and of the frame around all pages, in English. */
import type { Plural } from "./shape.ts";

export const staffEn = {
  messages: {
    "nav.pages": "All pages",
    "nav.main": "Main pages",
    "nav.menu": "Menu",
    "nav.colours": "Colours",
    "nav.contrast": "High contrast",
    "nav.group_today": "Today",
    "nav.group_mine": "Mine",
    "nav.group_people": "People",
    "nav.group_records": "Records",
    "nav.group_system": "System",
    "page.none": "There is no such page",
    "page.none_long": "It may have moved, or your account may not open it.",
    "page.home": "To the first page",
    "page.failed": "This page could not be shown",
    "page.failed_long": "The hub may have been updated meanwhile. Loading it again usually helps.",
    "page.reload": "Load it again",
  },
  plurals: {},
} as const satisfies { readonly messages: Record<string, string>; readonly plurals: Record<string, Plural> };
