/** Inputs of the commands about screens, and of what members decide about themselves. */
import * as z from "zod";
import { instantMs, slug } from "#contract";
import { label, locale, reason, ref } from "./inputs-common.ts";

/** What a wall can show (experience.md §7): W1, W2, W5, W4, W7. */
export const boards = ["machines", "today", "printers", "month", "sign"] as const;
/** `kiosk`: not a wall but the tablet at the desk, which people touch */
export type Board = (typeof boards)[number] | "kiosk";

const languages = z.array(locale).min(1).max(4);

export const screenInputs = {
  addScreen: z
    .strictObject({
      screen: slug,
      /** one after the other; a kiosk is nothing else besides */
      boards: z
        .array(z.enum([...boards, "kiosk"]))
        .min(1)
        .max(boards.length),
      languages,
      /** the door or machine whose reader stands beside a kiosk; null: it takes no cards */
      reader: slug.nullable().default(null),
      untilMs: instantMs,
    })
    .refine((given) => !given.boards.includes("kiosk") || given.boards.length === 1, {
      path: ["boards"],
      message: "a kiosk shows nothing else",
    })
    .refine((given) => given.reader === null || given.boards.includes("kiosk"), {
      path: ["reader"],
      message: "only a kiosk has a reader beside it",
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
