/** Inputs of the commands about screens, and of what members decide about themselves. */
import * as z from "zod";
import { instantMs, slug } from "#contract";
import { label, locale, reason, ref } from "./inputs-common.ts";

/** What a wall can show (experience.md §7): W1, W2, W5, W4, W7. */
export const boards = ["machines", "today", "printers", "month", "sign"] as const;
export type Board = (typeof boards)[number];

const languages = z.array(locale).min(1).max(4);

export const screenInputs = {
  addScreen: z.strictObject({
    screen: slug,
    /** one after the other */
    boards: z.array(z.enum(boards)).min(1).max(boards.length),
    languages,
    untilMs: instantMs,
  }),
  /** a new link in place of the old one, which ends at once */
  renewScreen: z.strictObject({ screen: slug, untilMs: instantMs }),
  removeScreen: z.strictObject({ screen: slug }),

  /** who may see that a member is in the space: nobody, members by name, or everybody by a name they choose */
  setSharing: z
    .strictObject({ member: ref, presence: z.enum(["nobody", "members", "alias"]), alias: label.nullable().default(null) })
    .refine((given) => (given.presence === "alias") === (given.alias !== null), {
      path: ["alias"],
      message: "belongs to presence alias, and only there",
    }),
  /** a member asks to be forgotten; a manager does it (eraseMember) */
  askErasure: z.strictObject({ member: ref, reason: reason.default("asked by the member") }),
  takeBackErasure: z.strictObject({ member: ref }),
} as const;
