/** `koprade account`: who may sign in to the pages, and the way back in for somebody who lost password, phone or passkey. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Auth } from "../http/auth.ts";
import type { Ledger } from "../ledger/types.ts";
import { type Context, command, failed, type Noun } from "./command.ts";
import { withLedger } from "./data.ts";

/** Opens the accounts beside the ledger, whether the hub runs or not. They are loaded when they are needed: that takes a moment. */
async function withAccounts<Result>(context: Context, work: (auth: Auth, ledger: Ledger) => Promise<Result>): Promise<Result> {
  return withLedger(context, async (ledger) => {
    const path = join(context.dataDir, "accounts.sqlite");
    if (!existsSync(path)) throw failed("Nobody has an account yet. Start the hub: its first page makes the owner's.");
    const { openAuth } = await import("../http/auth.ts");
    const auth = await openAuth({ path, secure: false });
    try {
      await auth.ready();
      return await work(auth, ledger);
    } finally {
      auth.close();
    }
  });
}

const accountOf = (auth: Auth, mail: string) => {
  const found = auth.accounts.byMail(mail);
  if (found === undefined) throw failed(`There is no account with the address ${mail}; see \`koprade account list\`.`);
  return found;
};

/** Twenty letters that nobody mistakes for others: 100 bits. */
async function newPassword(): Promise<string> {
  const { randomInt } = await import("node:crypto");
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const part = (): string => Array.from({ length: 5 }, () => letters.charAt(randomInt(letters.length))).join("");
  return [part(), part(), part(), part()].join("-");
}

export const account: Noun = {
  summary: "who may sign in to the pages",
  byDefault: "list",
  verbs: {
    list: command({
      summary: "list the accounts",
      args: {},
      examples: ["koprade account list", "koprade account list --json"],
      async run(_given, context) {
        return withAccounts(context, async (auth) => {
          const { columns } = await import("./text.ts");
          const rows = auth.accounts.list({ limit: 10_000 });
          const cells = rows.map((row) => [
            row.name,
            row.mail,
            row.role,
            row.member === null ? "–" : String(row.member),
            [...(row.hasTotp ? ["app"] : []), ...(row.passkeys > 0 ? [`${row.passkeys} passkeys`] : [])].join(", ") || "–",
          ]);
          return { lines: columns(["NAME", "ADDRESS", "ROLE", "MEMBER", "BESIDES PASSWORD"], cells), json: rows };
        });
      },
    }),
    reset: command({
      summary: "a new password for somebody who is locked out; takes their authenticator app, passkeys, keys and sessions away",
      args: { mail: { type: "positional", required: true, description: "mail address of the account" } },
      examples: ["koprade account reset ilze@example.org"],
      async run({ mail }, context) {
        return withAccounts(context, async (auth, ledger) => {
          const found = accountOf(auth, mail);
          const password = await newPassword();
          // First into the record: nobody gets in by a way that it does not know of.
          await ledger.noteAct({
            actor: context.actor,
            action: "resetAccount",
            target: `account ${found.id}`,
            detail: { role: found.role },
          });
          await auth.setPassword({ mail, password });
          auth.accounts.clearFactors(found.id);
          return {
            lines: [
              `New password of ${mail}, shown only now:  ${password}`,
              "The authenticator app, passkeys, keys for programs and all sessions of the account are gone.",
            ],
            json: { account: found.id, password },
          };
        });
      },
    }),
  },
};
