/** `koprade restore`: a backup into an empty data folder. Its nodes take it as a new epoch and need no visit. */
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { lockFolder } from "../folder-lock.ts";
import { raiseEpoch, restoreBackup } from "../ledger/backup.ts";
import { ledgerPath } from "../ledger/ledger.ts";
import { keyFileOption, passphraseOf } from "./backup.ts";
import { badUsage, type Context, command, failed, type Outcome } from "./command.ts";
import { needNoHub } from "./data.ts";

export const restore = command({
  summary: "put a backup into an empty data folder",
  args: {
    file: { type: "positional", required: false, description: "the backup, a .kpb file" },
    ...keyFileOption,
    "raise-epoch": {
      type: "boolean",
      description: "instead: the data folder is an old copy, put back by hand; make nodes that know a later state take it",
    },
  },
  examples: [
    "koprade restore space.kpb --key-file ~/koprade-backup.key --data ./data-restored",
    "koprade restore --raise-epoch --data /var/lib/koprade",
  ],
  async run(given, context) {
    if (given["raise-epoch"] === true) {
      if (given.file !== undefined) throw badUsage("--raise-epoch takes no file; restoring a backup begins a new epoch by itself.");
      return raise(context);
    }
    if (given.file === undefined) throw badUsage("Name the backup: koprade restore space.kpb --key-file ~/koprade-backup.key");
    return fromFile(given.file, given["key-file"], context);
  },
});

async function fromFile(file: string, keyFile: string | undefined, context: Context): Promise<Outcome> {
  const { dataDir, world } = context;
  const from = resolve(world.cwd, file);
  if (!existsSync(from)) throw failed(`${from}: there is no such file; name the .kpb file of the backup.`);
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw failed(
      `${dataDir} is not empty, and nothing is written over. Stop its hub and move it away, or name an empty folder with --data.`,
    );
  }
  const passphrase = await passphraseOf(context, keyFile);
  const done = await restoreBackup({ from, dir: dataDir, passphrase, nowMs: world.clock.nowMs() });
  const made = new Date(done.madeMs).toISOString().slice(0, 16).replace("T", " ");
  return {
    lines: [
      `Restored site ${done.site} of ${made} UTC into ${dataDir}: ${done.events} events, ${done.members} members.`,
      "Start it with `koprade start`. Changes made after the backup are gone: check blocked cards first.",
    ],
    json: { folder: dataDir, ...done },
  };
}

async function raise({ dataDir, world }: Context): Promise<Outcome> {
  if (!existsSync(ledgerPath(dataDir))) throw failed(`There is no site in ${dataDir}; name its folder with --data.`);
  await needNoHub(dataDir, "A hub is running on this data folder");
  const unlock = lockFolder(dataDir);
  let epoch: number;
  try {
    epoch = raiseEpoch(dataDir, world.clock.nowMs());
  } finally {
    unlock();
  }
  return {
    lines: [
      `${dataDir} begins epoch ${epoch}: every node takes its permissions as new.`,
      "Start it with `koprade start`. Changes made after this copy are gone: check blocked cards first.",
    ],
    json: { folder: dataDir, epoch },
  };
}
