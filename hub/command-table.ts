/** Every permission command as the web server offers it: its name, its input, and which accounts may try; the ledger says who may indeed. */
import { authority, type Who } from "./ledger/authority.ts";
import { type CommandName, inputs } from "./ledger/inputs.ts";
import type { CommandRow, Role } from "./views.ts";

const large: ReadonlySet<CommandName> = new Set(["importMembers", "closeMonth", "draftMonth", "setProject"]);

/** Those whom the ledger knows by their member record: any account may try, since only the ledger can tell. */
const byRecord: ReadonlySet<Who> = new Set(["steward", "keyholder", "trainer", "maintainer", "self", "author"]);

function leastFor(whos: readonly Who[]): Role {
  if (whos.some((who) => byRecord.has(who))) return "member";
  if (whos.includes("staff")) return "staff";
  return whos.includes("manager") ? "manager" : "owner";
}

export const commandTable: readonly CommandRow[] = (Object.keys(inputs) as CommandName[]).map((name) => ({
  name,
  input: inputs[name],
  access: leastFor(authority[name]),
  isLarge: large.has(name),
}));

export const isCommand = (name: string): name is CommandName => Object.hasOwn(inputs, name);
