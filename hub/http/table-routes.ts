/**
 * One route for each permission command: `POST /api/commands/NAME` with the command's input as its body. Made from the ledger's own
 * table, so that none is missing and none is checked otherwise here than there. The answer is what the command answers. The header
 * `X-Space: own` says that it is about the account's own member: it is then for the space they belong to, whichever the pages show.
 */
import type { FastifyRequest } from "fastify";
import type { Commands } from "../views.ts";
import { Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";

/** twenty thousand members of an import, the figures of a month, a funder's logo */
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
      handle: async ({ body, request }, { actor }) =>
        commands.give({ name, input: body, actor, isOwn: request.headers["x-space"] === "own", ...versionIn(request) }),
    }),
  );
}

/** `If-Match: "12"`: only if it is of version 12 still (RFC 9110 §13.1.1; the version is from `/api/versions`). */
function versionIn(request: FastifyRequest): { readonly ifVersion?: number } {
  const given = request.headers["if-match"];
  if (given === undefined) return {};
  const [, digits] = /^"(\d{1,15})"$/.exec(given) ?? [];
  if (digits !== undefined) return { ifVersion: Number(digits) };
  throw new Problem(400, "invalid", {
    detail: 'If-Match: is not a version such as "12".',
    fix: "Send the ETag of /api/versions as it came.",
    where: "If-Match",
  });
}
