/** `koprade backup`: the whole data folder as one encrypted file, also while the hub runs. */
import { chmodSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { makeBackup, makeKeyFile, passphraseFrom } from "../ledger/backup.ts";
import { ledgerPath } from "../ledger/ledger.ts";
import { badUsage, type Context, command, failed } from "./command.ts";
import { configFile, ledgerSays } from "./data.ts";

/** What belongs to a site beside its ledger and keys. */
const siteFiles = ["ca", "accounts.sqlite", configFile] as const;
const seriesFile = "series.sqlite";

export const backupFolder = (dataDir: string): string => join(dataDir, "backups");

export const keyFileOption = {
  "key-file": { type: "string", valueHint: "file", description: "file with the passphrase (or set KOPRADE_BACKUP_PASSPHRASE)" },
} as const;

/** The passphrase from the key file or the environment; never from the command line, where others could read it. */
export async function passphraseOf({ world }: Context, keyFile: string | undefined): Promise<string> {
  if (keyFile !== undefined) {
    const path = resolve(world.cwd, keyFile);
    try {
      return await passphraseFrom(path);
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      throw failed(`${path} cannot be read (${code}); name the key file that the backup was made with.`);
    }
  }
  const given = world.env.KOPRADE_BACKUP_PASSPHRASE ?? "";
  if (given === "") throw badUsage("--key-file is missing: name a file with the passphrase, or set KOPRADE_BACKUP_PASSPHRASE.");
  return given;
}

export const backup = command({
  summary: "write everything into one encrypted file, also while the hub runs",
  args: {
    to: { type: "string", valueHint: "file", description: "file to write (default in the folder backups of the data folder)" },
    ...keyFileOption,
    "without-series": { type: "boolean", description: "leave out the power series, which can be large" },
  },
  examples: ["koprade backup --key-file ~/koprade-backup.key", "koprade backup --to /media/usb/space.kpb --key-file ~/koprade-backup.key"],
  async run(given, context) {
    const { dataDir, world } = context;
    if (!existsSync(ledgerPath(dataDir))) throw failed(`There is no site in ${dataDir} to back up; name its folder with --data.`);
    const notes: string[] = [];
    if (given["key-file"] !== undefined) {
      const path = resolve(world.cwd, given["key-file"]);
      if (!existsSync(path)) {
        makeKeyFile(path);
        chmodSync(path, 0o600);
        notes.push(`Made the key file ${path}. Without it the backup is worthless: keep a copy apart from both.`);
      }
    }
    const passphrase = await passphraseOf(context, given["key-file"]);
    const nowMs = world.clock.nowMs();
    const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, "");
    const to =
      given.to === undefined
        ? join(backupFolder(dataDir), `${ledgerSays(dataDir, "site") ?? "koprade"}-${stamp}.kpb`)
        : resolve(world.cwd, given.to);
    const also = [...siteFiles, ...(given["without-series"] === true ? [] : [seriesFile])];
    try {
      const made = await makeBackup({ dir: dataDir, to, passphrase, nowMs, also });
      const size = (made.bytes / 1024 ** 2).toFixed(1);
      return { lines: [...notes, `Wrote ${to}: ${made.events} events, ${made.members} members, ${size} MB.`], json: { file: to, ...made } };
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined || code.length < 3 || !/^E[A-Z]+$/.test(code)) throw error;
      throw failed(`${to} cannot be written (${code}); choose another place with --to, or free some space.`);
    }
  },
});
