/** Every permission command as the web server offers it: its name, its input, and which accounts may try; the ledger says who may indeed. */
import { authority } from "./ledger/authority.ts";
import { type CommandName, inputs } from "./ledger/inputs.ts";
import type { CommandRow } from "./views.ts";

const large: ReadonlySet<CommandName> = new Set(["importMembers", "closeMonth", "draftMonth"]);

export const commandTable: readonly CommandRow[] = (Object.keys(inputs) as CommandName[]).map((name) => ({
  name,
  input: inputs[name],
  access: authority[name].includes("staff") ? "staff" : "owner",
  isLarge: large.has(name),
}));

export const isCommand = (name: string): name is CommandName => Object.hasOwn(inputs, name);
