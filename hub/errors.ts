/**
 * Operating failures (disk, port, network, a damaged file) as one kind of error with a code, a cause and a sentence that says
 * what to do. Outcomes such as a refusal are values, and bugs are plain errors: neither belongs here.
 */

type Entry = { readonly says: string; readonly fix: string };

/** Every operating failure of the hub, what it says and how it is put right. Sentences are for the person at the terminal. */
export const errorCatalogue = {
  DATA_FOLDER: {
    says: "The data folder cannot be used.",
    fix: "Check that the folder exists, that the disk is not full and that this user may write there.",
  },
  FOLDER_IN_USE: {
    says: "A hub is running on this data folder already.",
    fix: "Stop it first: Ctrl+C in its terminal, or `systemctl stop koprade`; or name another folder with --data.",
  },
  ACCOUNTS_UNREADABLE: {
    says: "The accounts of the pages cannot be opened.",
    fix: "Restore accounts.sqlite from a backup, or move it away: then the first run makes a new owner, and the space stays as it is.",
  },
  DISK_FULL: { says: "The disk is full.", fix: "Free some space, then start again; nothing acknowledged is lost." },
  CONFIG_BAD: { says: "The configuration cannot be used.", fix: "Correct the named line of koprade.yaml and start again." },
  PORT_IN_USE: { says: "The port is taken by another program.", fix: "Stop the other program or choose another port in koprade.yaml." },
  PORT_FORBIDDEN: {
    says: "This user may not open the port or address.",
    fix: "Choose a port above 1023 and an address of this computer in koprade.yaml.",
  },
  CA_UNREADABLE: {
    says: "The site's certificate authority cannot be read.",
    fix: "Restore the folder 'ca' from a backup. Removing it makes a new one, and every node must then be enrolled again.",
  },
  CA_MISMATCH: {
    says: "The site's certificate authority and its key do not belong together.",
    fix: "Restore both files of the folder 'ca' from the same backup.",
  },
  CERTIFICATE_FAILED: {
    says: "The broker's certificate could not be made.",
    fix: "Start again; if it stays, run `npm ci` and look at the line above.",
  },
  BUS_TIMEOUT: { says: "The broker did not take the message in time.", fix: "Look at the load of this computer and at the broker's log." },
  BUS_CLOSED: { says: "The message bus is not connected.", fix: "Wait for the connection, or check the broker's address and account." },
  BUS_REFUSED: { says: "The broker refused the message.", fix: "Check that the hub's account may use the topics of this site." },
  BROKER_UNREACHABLE: { says: "The external broker cannot be reached.", fix: "Check its address in koprade.yaml, and that it is running." },
  BROKER_CREDENTIALS: {
    says: "The external broker refused the hub's account.",
    fix: "Check user name and password of the external broker in koprade.yaml.",
  },
  BROKER_OLD: { says: "The external broker does not speak this version of MQTT.", fix: "Use a broker that speaks MQTT 3.1.1 or 5." },
  RETAINED_FULL: { says: "The broker holds as many retained messages as it may.", fix: "Remove nodes and machines that are gone." },
  LEDGER_UNREADABLE: { says: "The ledger cannot be opened.", fix: "Run `koprade doctor`; restore the latest backup if it says so." },
  LEDGER_NEWER: { says: "The ledger was written by a newer version.", fix: "Install that version again, or restore an older backup." },
  LEDGER_STALLED: { says: "The disk does not take writes.", fix: "Check the disk or SD card; replace it if this happens again." },
  LEDGER_FULL_QUEUE: {
    says: "More events wait for the disk than the hub may hold.",
    fix: "Nothing is lost: the nodes send again. Check the disk.",
  },
  KEYS_UNREADABLE: {
    says: "The site's keys cannot be used.",
    fix: "Restore the folder 'keys' from a backup. Without it every card and every node must be enrolled again.",
  },
  BACKUP_BAD: { says: "The backup cannot be used.", fix: "Check the passphrase, or take another backup file." },
  BAD_INPUT: { says: "The input cannot be used.", fix: "Correct the named field." },
  FORBIDDEN: { says: "This is not yours to do.", fix: "Ask somebody who may." },
  NOT_FOUND: { says: "There is no such thing here.", fix: "Check the name; the list commands show what exists." },
  ALREADY_EXISTS: { says: "That exists already.", fix: "Choose another name, or change what exists." },
  CONFLICT: { says: "That does not fit what is recorded.", fix: "Look at what is recorded and try again." },
  CHANGED_MEANWHILE: { says: "Somebody else has changed it meanwhile.", fix: "Look at it again, then decide whether to change it still." },
  DESK_BUSY: { says: "Too many reports are being made at once.", fix: "Try again in a minute." },
  DESK_TOO_LONG: {
    says: "The report took longer than it may.",
    fix: "Ask for a shorter time or a single document, or make it at the terminal: `koprade report`.",
  },
  DESK_FAILED: { says: "The report could not be made.", fix: "Try again; if it stays, run `koprade doctor`." },
  HOST_FAILED: {
    says: "The host of foreign devices did not start.",
    fix: "Choose another mqtt.foreignPort in koprade.yaml, or stop the program that has this one.",
  },
  SIMULATION_FAILED: {
    says: "The simulated building did not start.",
    fix: "Look at the lines above, then try again; run `koprade demo remove` for a fresh one.",
  },
  SERIES_UNREADABLE: {
    says: "The usage series cannot be opened.",
    fix: "Restore series.sqlite from a backup, or move it away: only the history of power and energy is lost.",
  },
  SERIES_UNREACHABLE: {
    says: "The store of usage series cannot be reached.",
    fix: "Check that InfluxDB runs; what is measured waits on disk.",
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type HubErrorCode = keyof typeof errorCatalogue;

/**
 * An operating failure.
 * @param code    row of the catalogue
 * @param detail  the place: a path, a port, an address; no secrets
 * @param cause   the error underneath, kept for the log
 */
export class HubError extends Error {
  override readonly name = "HubError";
  readonly code: HubErrorCode;
  readonly fix: string;

  constructor(code: HubErrorCode, detail?: string, cause?: unknown) {
    super(detail === undefined ? errorCatalogue[code].says : `${errorCatalogue[code].says} (${detail})`, { cause });
    this.code = code;
    this.fix = errorCatalogue[code].fix;
  }
}

/** The code of an operating system error such as ENOENT, or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** SQLite's primary result code of an error, or undefined when it is no SQLite error (sqlite.org/rescode.html). */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
export const sqliteCodes = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** What keeps a port or address from being opened, with its remedy. */
export function portError(cause: unknown, place: string): HubError {
  return new HubError(systemCode(cause) === "EADDRINUSE" ? "PORT_IN_USE" : "PORT_FORBIDDEN", place, cause);
}

/** What keeps a SQLite file from being opened: damaged it has a `code` of its own, anything else lies with the folder. */
export function openError(cause: unknown, path: string, damaged: HubErrorCode): HubError {
  const code = sqliteCode(cause);
  const isDamaged = code === sqliteCodes.corrupt || code === sqliteCodes.notADatabase;
  return new HubError(isDamaged ? damaged : "DATA_FOLDER", path, cause);
}
