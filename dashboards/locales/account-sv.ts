/** Texts of sign-in, accounts and settings, in Swedish. */
import type { accountEn } from "./account-en.ts";
import type { Area } from "./shape.ts";

export const accountSv: Area<typeof accountEn> = {
  messages: {},
  plurals: {},
};
