/**
 * The host: runs a door or machine of Koprade for every folder below `hosted` in the data folder, with foreign devices in the place of
 * wires (domain.md D2). A process of its own, for three reasons: three hundred plugs that talk every second take nothing from a decision
 * of the hub; what foreign devices send is parsed where neither ledger nor keys of the site are; and to the hub a hosted node is a node
 * like any other, with its own identity, snapshot, outbox and events, so that nothing had to be made a second time.
 *
 *   foreign device ─ plain MQTT ─ foreign-listener ┐
 *   its own API ─ HTTP, MQTT ─ reach ──────────────┼─ hosted-device ─ devices/machine, devices/door ─ MQTT over TLS ─ the hub
 *   a broker of the space ─ bridge ────────────────┘
 *
 * It ends with the process that started it; held relays then fall by their dead-man.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import type { NodeTimes } from "#core";
import { openPortsAt, systemClock } from "../../devices/kit/host.ts";
import type { NodePorts } from "../../devices/kit/node.ts";
import type { Read } from "../../devices/kit/node-config.ts";
import type { Clock, Log } from "../../devices/kit/ports.ts";
import { type DeviceAddress, type Heard, type HostedFamily, isAmong, type Request } from "../hosted/family.ts";
import { hostedFamily } from "../hosted/hosted.ts";
import { createDiscovery, type Discovery } from "./discovery.ts";
import { type ForeignAccount, type ForeignListener, openForeignListener } from "./foreign-listener.ts";
import { HostedDevice } from "./hosted-device.ts";
import { createHostedDoor } from "./hosted-door.ts";
import { type HostedFile, hostedFileName, hostedWiring, isPassword, readHosted } from "./hosted-file.ts";
import { createHostedMachine, type HostedNode } from "./hosted-machine.ts";
import { type BridgeFile, type Reach, reachBridge, reachDevice } from "./reach.ts";
import { reachHttp } from "./reach-http.ts";
import { createStarts, type Starts } from "./starts.ts";
import { createStatusFile } from "./status-file.ts";

export type HostGiven = {
  /** `hosted` in the data folder */
  readonly folder: string;
  /** null: no foreign device comes to us */
  readonly listen: { readonly port: number; readonly host: string } | null;
  readonly bridge: BridgeFile | null;
  readonly log: Log;
  readonly rssBytes: () => number;
  readonly times?: Partial<NodeTimes>;
};
export type RunningHost = {
  readonly port: number | null;
  nodes(): readonly string[];
  /** Looks at its folders now instead of within a second. */
  look(): void;
  stop(): Promise<void>;
};

const lookEveryMs = 1000;
const againMs = 5000;
/** without a hub there is nothing to wait for */
const greetsWithinMs = 1500;

export async function startHost(given: HostGiven): Promise<RunningHost> {
  const host = new Host(given);
  await host.start();
  return host;
}

type Row = HostedFile["devices"][number];
type Guest = {
  readonly row: Row;
  readonly family: HostedFamily;
  readonly address: DeviceAddress;
  readonly device: HostedDevice;
  reach: Reach | null;
};
type Running = {
  readonly file: HostedFile;
  readonly mark: string;
  readonly node: HostedNode;
  readonly guests: readonly Guest[];
  /** its start is over: what it says and writes from now on is little */
  isQuiet: boolean;
};

class Host implements RunningHost {
  readonly #given: HostGiven;
  readonly #clock: Clock = systemClock();
  readonly #running = new Map<string, Running>();
  readonly #byAccount = new Map<string, Guest>();
  readonly #refusedMarks = new Map<string, string>();
  readonly #discovery: Discovery;
  readonly #starts: Starts;
  #listener: ForeignListener | null = null;
  #bridge: Reach | null = null;
  #bridgeFilters = "";
  #cancel = () => {};
  #isStopping = false;
  #isEnding = false;
  #work: Promise<void> = Promise.resolve();

  constructor(given: HostGiven) {
    this.#given = given;
    mkdirSync(given.folder, { recursive: true, mode: 0o700 });
    this.#discovery = createDiscovery(given.folder, this.#clock);
    this.#starts = createStarts({
      clock: this.#clock,
      begin: (name) => this.#beginNow(name),
      isThere: (name) => this.#isThere(name),
    });
  }

  get port(): number | null {
    return this.#listener?.port ?? null;
  }

  nodes(): readonly string[] {
    return [...this.#running.keys()];
  }

  async start(): Promise<void> {
    const { listen, log } = this.#given;
    if (listen !== null) {
      this.#listener = await openForeignListener({
        ...listen,
        accountOf: (username) => this.#accountOf(username),
        isDiscovering: () => this.#discovery.isOpen(),
        onMessage: (account, topic, payload) => this.#hear(account, { kind: "mqtt", topic, payload, retained: false }),
        onStranger: (topic, payload, address) => this.#discovery.hear(topic, payload, address),
        onConnection: (account, connected) => this.#byAccount.get(account)?.device.connected(connected),
        log,
      });
      log.warn(
        { port: this.#listener.port },
        "The port for foreign devices is open, without encryption: what is said there can be read and forged by anybody on the network.",
      );
    }
    await this.#look();
    const status = createStatusFile(this.#given.folder, log);
    const every = this.#clock.every("hosted folders", lookEveryMs, () => {
      this.look();
      status.write({ port: this.port, refused: this.#listener?.refused() ?? {}, devices: this.#reports() });
      this.#discovery.save();
      if (!this.#discovery.isOpen()) this.#listener?.dropStrangers();
    });
    this.#cancel = every;
  }

  look(): void {
    this.#work = this.#work
      .then(() => this.#look())
      .catch((error: unknown) => this.#given.log.error({ cause: String(error) }, "a hosted node could not be started"));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#starts.close();
    this.#cancel();
    await this.#work;
    // All at once: a hub that is gone already keeps each of them waiting for a moment.
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
    this.#bridge?.close();
    await this.#listener?.close();
  }

  #reports() {
    return [...this.#running.values()].flatMap(({ file, guests, node }) =>
      guests.map(({ device, row }) => ({
        ...{ node: file.node, name: row.name, ...device.report() },
        energy: row.parts.includes("meter") ? node.energy() : null,
      })),
    );
  }

  #accountOf(username: string): ForeignAccount | undefined {
    const guest = this.#byAccount.get(username);
    if (guest === undefined || guest.family.transport.kind !== "mqtt" || guest.row.secretHash === null) return undefined;
    const { row, family, address } = guest;
    const topics = guest.family.transport.topics(address);
    return { account: row.account, topics, isPassword: (secret) => isPassword(row.secretHash, secret) && family !== undefined };
  }

  #hear(account: string, heard: Heard): void {
    this.#byAccount.get(account)?.device.hear(heard);
  }

  /** Folders come, change and go while it runs. */
  async #look(): Promise<void> {
    if (this.#isStopping) return;
    this.#isEnding = true;
    const there = new Map(
      readdirSync(this.#given.folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? this.#markOf(entry.name) : [])),
    );
    for (const [name, { mark }] of this.#running) if (there.get(name) !== mark) await this.#end(name);
    this.#isEnding = false;
    this.#starts.want(
      [...there].filter(([name, mark]) => !this.#running.has(name) && this.#refusedMarks.get(name) !== mark).map(([name]) => name),
    );
    if (this.#bridge === null || this.#starts.waiting() === 0) this.#bridgeAgain();
  }

  /** It has greeted the hub and has its snapshot, as far as that comes, and the disk has taken what it wrote. */
  #isThere(name: string): boolean {
    const running = this.#running.get(name);
    return running === undefined || running.isQuiet;
  }

  async #quietens(running: { isQuiet: boolean; readonly node: HostedNode }, { files, clock }: NodePorts): Promise<void> {
    const { link, snapshots } = running.node.node;
    const untilMono = clock.monoMs() + greetsWithinMs;
    const hasCome = (): boolean => link.isHubReachable() && snapshots.current() !== undefined;
    // One that waits for its plug keeps nobody from beginning: the plug may be in a cupboard.
    while (running.node.hasBegun() && !hasCome() && clock.monoMs() < untilMono) await pause(50);
    await files.idle();
    running.isQuiet = true;
  }

  /** What ends now may have had the same accounts: whoever is to begin meanwhile is wanted again by the next look. */
  #beginNow(name: string): void {
    const [found] = this.#isStopping || this.#isEnding ? [] : this.#markOf(name);
    if (found === undefined) return;
    try {
      this.#begin(...found);
    } catch (error) {
      this.#given.log.error({ node: name, cause: String(error) }, "a hosted node could not be started");
    }
  }

  #markOf(name: string): [string, string][] {
    const path = join(this.#given.folder, name, hostedFileName);
    const keys = join(this.#given.folder, name, "node-keys.json");
    if (!existsSync(path) || !existsSync(keys)) return [];
    const of = (file: string) => `${statSync(file).mtimeMs} ${statSync(file).size}`;
    return [[name, `${of(path)}`]];
  }

  #begin(name: string, mark: string): void {
    const { folder, log } = this.#given;
    const opened = this.#opened(name, join(folder, name, hostedFileName));
    if (opened.ok) this.#run(name, mark, opened.value.file, opened.value.ports);
    else {
      this.#refusedMarks.set(name, mark);
      for (const sentence of opened.problems) log.error({ node: name }, sentence);
    }
  }

  #opened(name: string, path: string): Read<{ readonly file: HostedFile; readonly ports: NodePorts }> {
    const { log, rssBytes, times = {} } = this.#given;
    let value: unknown;
    try {
      value = parse(readFileSync(path, "utf8"));
    } catch (error) {
      return { ok: false, problems: [`${path}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}.`] };
    }
    const read = readHosted(value, path);
    if (!read.ok) return read;
    const file = read.value;
    const taken = file.devices.find(({ account }) => this.#byAccount.has(account));
    if (taken !== undefined) return { ok: false, problems: [`${path}: the account "${taken.account}" is another hosted node's already.`] };
    const place = {
      ...{ site: file.site, node: file.node, keysFile: "node-keys.json", dataFolder: "node-data", trustSystemClock: true },
      hub: { allowPlain: false, ...file.hub },
      times,
    };
    const host = { log: named(log, file.node), rssBytes, onRestart: (why: string) => this.#again(name, why) };
    const ports = openPortsAt(place, hostedWiring(file), path, host);
    return ports.ok ? { ok: true, value: { file, ports: ports.value } } : ports;
  }

  #run(name: string, mark: string, file: HostedFile, ports: NodePorts): void {
    const guests = file.devices.flatMap((row) => this.#guestOf(row, file, ports));
    const devices = new Map(guests.map(({ row, device }) => [row, device]));
    const node = file.kind === "machine" ? createHostedMachine(file, ports, devices) : createHostedDoor(file, ports, devices);
    for (const guest of guests) this.#byAccount.set(guest.row.account, guest);
    const running: Running = { file, mark, node, guests, isQuiet: false };
    this.#running.set(name, running);
    node.start();
    void this.#quietens(running, ports);
    for (const guest of guests) guest.reach = this.#reachOf(guest, ports);
    const relay = guests.find(({ row }) => row.parts.includes("relay"));
    relay?.device.listen({
      onRelay: (on) => {
        if (on) for (const guest of guests) guest.reach?.wake?.();
      },
    });
    ports.log.info({ devices: guests.map(({ row }) => `${row.family}:${row.name}`) }, "a hosted node runs");
  }

  #guestOf(row: Row, file: HostedFile, ports: NodePorts): Guest[] {
    const family = hostedFamily(row.family);
    if (family === undefined) return [];
    const address: DeviceAddress = { name: row.name, channel: row.channel, options: row.options };
    const guest: { -readonly [K in keyof Guest]: Guest[K] } = {
      ...{ row, family, address, reach: null },
      device: new HostedDevice({
        ...{ account: row.account, family, address, deadManS: file.deadManS, clock: ports.clock, log: ports.log },
        isRelay: row.parts.includes("relay"),
        send: (request) => this.#send(guest, request),
      }),
    };
    return [guest];
  }

  /** Null for a device that comes to our listener. */
  #reachOf({ family, address, device, row }: Guest, { clock, log }: NodePorts): Reach | null {
    const given = {
      account: row.account,
      address,
      clock,
      log,
      hear: (heard: Heard) => device.hear(heard),
      connected: (is: boolean) => device.connected(is),
    };
    if (family.transport.kind === "http") return reachHttp(family.transport, given);
    return family.transport.kind === "mqtts" ? reachDevice(family.transport, given) : null;
  }

  #send(guest: Guest, request: Request): void {
    if (guest.reach !== null) guest.reach.send(request);
    else if (request.kind === "mqtt" && guest.row.secretHash === null) this.#bridge?.send(request);
    else if (request.kind === "mqtt") this.#listener?.publish(request.topic, request.payload);
  }

  /** One connection to the space's own broker, for all devices that stay there; anew when they become others. */
  #bridgeAgain(): void {
    const { bridge, log } = this.#given;
    if (bridge === null) return;
    const guests = [...this.#byAccount.values()].filter(({ row, family }) => row.secretHash === null && family.transport.kind === "mqtt");
    const topicsOf = (guest: Guest) => (guest.family.transport.kind === "mqtt" ? guest.family.transport.topics(guest.address).says : []);
    const filters = [...new Set(guests.flatMap(topicsOf))].sort();
    if (filters.join("\n") === this.#bridgeFilters) return;
    this.#bridgeFilters = filters.join("\n");
    this.#bridge?.close();
    this.#bridge =
      filters.length === 0
        ? null
        : reachBridge(bridge, {
            ...{ account: "koprade-host", clock: this.#clock, log, subscribe: filters },
            connected: (is) => {
              for (const { device } of guests) device.connected(is);
            },
            hear: (topic, payload, retained) => {
              for (const guest of guests)
                if (isAmong(topicsOf(guest), topic)) guest.device.hear({ kind: "mqtt", topic, payload, retained });
            },
          });
  }

  /** A node that has lost its hub for good, or has new keys, begins anew; nothing of it is on then. */
  #again(name: string, why: string): void {
    this.#given.log.info({ node: name, why }, "a hosted node starts anew");
    this.#work = this.#work.then(() => this.#end(name));
    this.#clock.after(`${name} again`, againMs, () => this.#refusedMarks.delete(name));
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#running.delete(name);
    await running.node.stop();
    for (const { row, device, reach } of running.guests) {
      device.close();
      reach?.close();
      this.#byAccount.delete(row.account);
      this.#listener?.drop(row.account);
    }
  }
}

const named = (log: Log, node: string): Log => ({
  info: (facts, sentence) => log.info({ node, ...facts }, sentence),
  warn: (facts, sentence) => log.warn({ node, ...facts }, sentence),
  error: (facts, sentence) => log.error({ node, ...facts }, sentence),
});
