/** Opens the ledger of one site: database, keys, writer thread, compiled permissions. */
import type { Ledger, LedgerConfig, LedgerPorts } from "./types.ts";

/** Rejects with HubError: LEDGER_NEWER, LEDGER_DAMAGED, LEDGER_LOCKED, KEYS_UNREADABLE. */
export declare function openLedger(config: LedgerConfig, ports: LedgerPorts): Promise<Ledger>;
