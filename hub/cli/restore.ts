/** `koprade restore`: a backup into an empty data folder. Its nodes take it as a new epoch and need no visit. */
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { restoreBackup } from "../ledger/backup.ts";
import { keyFileOption, passphraseOf } from "./backup.ts";
import { command, failed } from "./command.ts";

export const restore = command({
  summary: "put a backup into an empty data folder",
  args: {
    file: { type: "positional", required: true, description: "the backup, a .kpb file" },
    ...keyFileOption,
  },
  examples: ["koprade restore space.kpb --key-file ~/koprade-backup.key --data ./data-restored"],
  async run(given, context) {
    const { dataDir, world } = context;
    const from = resolve(world.cwd, given.file);
    if (!existsSync(from)) throw failed(`${from}: there is no such file; name the .kpb file of the backup.`);
    if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
      throw failed(
        `${dataDir} is not empty, and nothing is written over. Stop its hub and move it away, or name an empty folder with --data.`,
      );
    }
    const passphrase = await passphraseOf(context, given["key-file"]);
    const done = await restoreBackup({ from, dir: dataDir, passphrase, nowMs: world.clock.nowMs() });
    const made = new Date(done.madeMs).toISOString().slice(0, 16).replace("T", " ");
    return {
      lines: [
        `Restored site ${done.site} of ${made} UTC into ${dataDir}: ${done.events} events, ${done.members} members.`,
        "Start it with `koprade start`. Changes made after the backup are gone: check blocked cards first.",
      ],
      json: { folder: dataDir, ...done },
    };
  },
});
