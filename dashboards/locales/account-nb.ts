/** Texts of sign-in, accounts and settings, in Norwegian. */
import type { accountEn } from "./account-en.ts";
import type { Area } from "./shape.ts";

export const accountNb: Area<typeof accountEn> = {
  messages: {},
  plurals: {},
};
