/**
 * One route for each permission command: `POST /api/commands/NAME` with the command's input as its body. Made from the ledger's own
 * table, so that none is missing and none is checked otherwise here than there. The answer is what the command answers.
 */
import type { Commands } from "../views.ts";
import { type Route, route } from "./route.ts";

/** twenty thousand members of an import, or the figures of a month */
const largeBytes = 9_000_000;

export function tableRoutes(commands: Pick<Commands, "table" | "give">): readonly Route[] {
  return commands.table.map(({ name, input, access, isLarge }) =>
    route({
      method: "POST",
      url: `/api/commands/${name}`,
      access,
      once: true,
      note: `The command ${name}, as the ledger has it.`,
      body: input,
      ...(isLarge ? { bodyLimitBytes: largeBytes } : {}),
      handle: ({ body }, { actor }) => commands.give({ name, input: body, actor }),
    }),
  );
}
