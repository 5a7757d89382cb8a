/**
 * One space, running: ledger, broker and series in one data folder, and the hub on top. The real space and the simulated
 * building are two of these side by side, each with its own folder, keys and ports; nothing is shared between them.
 */
import { mkdir } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { encode } from "#contract";
import { hubSender } from "./app/wire.ts";
import { createHub, type Hub } from "./app.ts";
import { createEmbeddedBroker, type EmbeddedBroker } from "./broker/embedded.ts";
import { createExternalBus, type ExternalBus } from "./broker/external.ts";
import { loadSiteTls, type SiteTls } from "./broker/site-ca.ts";
import { type Config, influxTarget } from "./config.ts";
import { lockFolder } from "./folder-lock.ts";
import { openLedger } from "./ledger/ledger.ts";
import { faceOf } from "./ledger/offers.ts";
import type { Ledger } from "./ledger/types.ts";
import { ledgerPort } from "./ledger-port.ts";
import { createDesk, type Desk } from "./manager/desk.ts";
import { draftMonths } from "./months.ts";
import { watchForNotices } from "./notice-watch.ts";
import { deliverNotices, waysOf } from "./notices.ts";
import type { Clock, Ids, Log } from "./ports.ts";
import { createSeries } from "./series/index.ts";
import type { UsageSeries } from "./series/types.ts";
import { clockIsSynchronised, newBoot } from "./system.ts";
import { type VapidKeys, vapidKeysIn } from "./ways/push.ts";
import { tellWebhooks } from "./webhooks.ts";

const dayMs = 86_400_000;

export type StackOptions = {
  readonly dir: string;
  readonly config: Config;
  readonly ownerExists: boolean;
  /** the simulated building's own space; a real folder never becomes one, nor the other way round */
  readonly demo?: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

export type Stack = {
  readonly dir: string;
  readonly config: Config;
  readonly ledger: Ledger;
  readonly series: UsageSeries;
  readonly hub: Hub;
  /** reads whole months beside this process */
  readonly desk: Desk;
  readonly tls: SiteTls | null;
  /** null with an external broker */
  readonly broker: EmbeddedBroker | null;
  /** false while an external broker is away: then nothing is heard of any node */
  hears(): boolean;
  /** with which browsers subscribe to notices of this space (RFC 8292 §3.2), base64url */
  pushKey(): Promise<string>;
  /** what is wrong with it now, a sentence each; empty when all is well */
  troubles(): readonly string[];
  close(): Promise<void>;
};

/** Opens everything in order and closes what is open when a later step fails. Throws HubError. */
export async function openStack(options: StackOptions): Promise<Stack> {
  const { dir, config, clock, ids, log } = options;
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(dir);
    opened.push(async () => unlock());
    const ledger = await openLedger({ dir, site: config.site, tz: config.tz, demo: options.demo ?? false }, { clock, log });
    opened.push(() => ledger.close());
    const series = await createSeries({ dir, influx: influxTarget(config) }, { clock, log });
    opened.push(() => series.close());
    const desk = createDesk(dir);
    opened.push(() => desk.close());
    const boot = newBoot();
    const { bus, broker, tls } = await openBus(options, ledger, boot);
    const hub = createHub(
      { bus, clock, ids, log, ledger: ledgerPort(ledger, tls?.caPem ?? null), series, isSynchronised: clockIsSynchronised },
      { site: config.site, tz: ledger.read.site().tz, boot },
    );
    opened.push(() => hub.stop());
    let pushKeys: Promise<VapidKeys> | undefined;
    const vapidKeys = (): Promise<VapidKeys> => {
      pushKeys ??= vapidKeysIn(join(dir, "keys"));
      return pushKeys;
    };
    opened.push(
      deliverNotices({ ledger, ways: waysOf(config, vapidKeys), clock, log }),
      tellWebhooks({ ledger, clock, log }),
      draftMonths({ ledger, series, clock, log }),
    );
    if (broker === null) bus.onReturn(() => hub.announce());
    else opened.push(renewDaily(options, broker));
    const { foreignPort } = config.mqtt;
    const troubles = (): string[] => [
      ...(foreignPort === null
        ? []
        : [`Port ${foreignPort} for foreign devices has no encryption: what is said there can be read and forged.`]),
      ...[ledger.health(), series.health()].filter((part) => !part.ok).map((part) => part.sentence),
      ...(broker === null && !bus.isConnected() ? ["The external broker is away; nodes decide by themselves."] : []),
    ];
    opened.push(watchForNotices({ ledger, hub, troubles, dir }, { clock, log }));
    const hears = (): boolean => broker !== null || bus.isConnected();
    const pushKey = async (): Promise<string> => (await vapidKeys()).publicKey;
    return { dir, config, ledger, series, hub, desk, tls, broker, hears, pushKey, troubles, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type OpenBus =
  | { readonly bus: ExternalBus; readonly broker: null; readonly tls: null }
  | { readonly bus: EmbeddedBroker; readonly broker: EmbeddedBroker; readonly tls: SiteTls };

async function openBus(options: StackOptions, ledger: Ledger, boot: string): Promise<OpenBus> {
  const { external } = options.config.mqtt;
  if (external === null) return openEmbedded(options, ledger);
  const { dir, clock, ids, log, config } = options;
  const { caFile, ...account } = external;
  // Should the hub vanish, the broker says so in its name.
  const bytes = encode(
    "hubState",
    hubSender({ clock, boot, time: { read: () => ({ nowMs: clock.nowMs(), floorMs: 0, quality: "holdover" }) } }, ids.ulid()),
    { state: "offline", epoch: ledger.read.site().epoch },
  );
  const bus = await createExternalBus({
    site: config.site,
    ...account,
    ...(caFile === undefined ? {} : { caFile: resolve(dir, caFile) }),
    will: { topic: "hubState", ids: [], bytes },
    log,
  });
  return { bus, broker: null, tls: null };
}

async function openEmbedded(options: StackOptions, ledger: Ledger): Promise<OpenBus> {
  const { config, ownerExists, log } = options;
  const { mqtt, site } = config;
  const tls = await siteTls(options);
  const broker = await createEmbeddedBroker({
    site,
    tls: { certPem: tls.certPem, keyPem: tls.keyPem },
    tlsPort: mqtt.tlsPort,
    plainPort: mqtt.plainPort,
    host: mqtt.host,
    ownerExists,
    quotas: {
      connections: mqtt.maxConnections,
      // Of each node the broker keeps state and birth, what its channels report, and three messages of the hub.
      retained: 8 * mqtt.maxConnections,
      messagesPerSecond: mqtt.messagesPerSecond,
      messagesBurst: 4 * mqtt.messagesPerSecond,
    },
    verify: async (identity, secret) => {
      const said = new TextDecoder().decode(secret);
      if (identity.role === "newcomer") return mayEnrol(ledger, identity.id, said);
      if (identity.role !== "node" || !ledger.nodeSecretMatches(identity.id, said)) return false;
      if (ledger.isNextSecret(identity.id, said)) await ledger.change.confirmKeys({ node: identity.id }, "hub:keys");
      return true;
    },
    onAlarm: (alarm) => log.warn({ alarm }, "The broker noticed something."),
    log,
  });
  return { bus: broker, broker, tls };
}

/**
 * A newcomer has no secret yet. What it shows is the key of which its name is the hash, so that nobody sits on the name of another; and
 * only while the window is open, or when somebody has adopted it.
 */
function mayEnrol({ read }: Ledger, fp: string, publicKey: string): boolean {
  return faceOf(publicKey).fp === fp && (read.enrolUntilMs() !== null || read.offer(fp) !== undefined);
}

const siteTls = ({ dir, config, clock }: StackOptions): Promise<SiteTls> =>
  loadSiteTls({ dir: join(dir, "ca"), site: config.site, names: [...ownNames(), ...config.mqtt.names], nowMs: clock.nowMs() });

/** A hub that runs for years has a certificate all the time, also when its addresses change. The returned function ends it. */
function renewDaily(options: StackOptions, broker: EmbeddedBroker): () => Promise<void> {
  const { clock, log } = options;
  let work: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      const { made, certPem, keyPem, notAfterMs } = await siteTls(options);
      if (made === "nothing") return;
      broker.replaceCertificate({ certPem, keyPem });
      if (made === "authority") log.error({}, "The folder 'ca' was gone: restore it from a backup, or every node must be enrolled again.");
      else log.info({ notAfterMs }, "The broker has a new certificate.");
    } catch (error) {
      const facts = { error: error instanceof Error ? error.message : String(error) };
      log.warn(facts, "The broker's certificate could not be looked after; trying again tomorrow.");
    }
  };
  const cancel = clock.every("certificate", dayMs, () => {
    work = renew();
  });
  return async () => {
    cancel();
    await work;
  };
}

/** Names and addresses nodes may use for this computer. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter((entry) => !entry.internal).map((entry) => entry.address),
  );
  return [hostname(), `${hostname()}.local`, ...addresses.filter((address) => !address.includes("%") && !address.startsWith("fe80"))];
}
