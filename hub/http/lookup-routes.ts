/** Who looked at whose page; and versions, for two people who change the same thing. */
import * as z from "zod";
import type { Records } from "../views.ts";
import type { Auth } from "./auth.ts";
import { page, pageOf, pageQuery } from "./paging.ts";
import { Problem } from "./problem.ts";
import { type Route, route } from "./route.ts";

const lookUp = z.object({ n: z.number(), atMs: z.number(), by: z.string(), what: z.string(), reason: z.string() });

export function lookUpRoutes({ records, auth }: { readonly records: Records; readonly auth: Auth }): readonly Route[] {
  /** Members are told names: whoever looks at their page is somebody they may ask. */
  const nameOf = (actor: string): string => {
    const [role = "", id = ""] = actor.split(":");
    return auth.accounts.get(id)?.name ?? (role === "member" ? `#${id}` : role);
  };
  return [
    route({
      method: "GET",
      url: "/api/me/look-ups",
      access: "member",
      note: "Who opened my page, when, and the reason they gave; newest first.",
      query: pageQuery,
      answer: pageOf(lookUp),
      handle: async ({ query }, { actor }) => {
        if (actor.member === null)
          throw new Problem(404, "no_member", { detail: "This account belongs to no member record.", fix: "Ask staff to link it." });
        const { member } = actor;
        const found = await page(query, {
          place: z.int(),
          read: (before, limit) => records.lookUps(member, { ...(before === undefined ? {} : { before }), limit }),
          at: (row) => row.n,
        });
        return { ...found, items: found.items.map(({ actor: by, ...row }) => ({ ...row, by: nameOf(by) })) };
      },
    }),
    route({
      method: "GET",
      url: "/api/versions/:command",
      access: "staff",
      note: "The version of what a command sets (`of`: `member 12`, `machine laser-1`, `site`). Sent back as If-Match with the command, it is refused with 412 when somebody else was faster.",
      params: z.object({ command: z.string().max(40) }),
      query: z.object({ of: z.string().min(1).max(80) }),
      answer: z.object({ version: z.number() }),
      handle: async ({ params, query, reply }) => {
        const version = records.versionOf(params.command, query.of);
        void reply.header("etag", `"${version}"`);
        return { version };
      },
    }),
  ];
}
