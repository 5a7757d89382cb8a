/** Texts of sign-in, accounts and settings, in Latvian. */
import type { accountEn } from "./account-en.ts";
import type { Area } from "./shape.ts";

export const accountLv: Area<typeof accountEn> = {
  messages: {},
  plurals: {},
};
