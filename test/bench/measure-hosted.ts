/** Taps at nodes of our own while foreign devices talk, each behind a hosted machine of its own in the real host process. */
import { connect } from "node:net";
import { join } from "node:path";
import { MqttClient } from "mqtt";
import { type HostProcess, startHostProcess } from "../../hub/host/host-process.ts";
import { type HostedFile, passwordHash } from "../../hub/host/hosted-file.ts";
import { writeHosted } from "../../hub/host/hosted-folder.ts";
import { nodeKeysText } from "../../hub/ledger/keys.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { freePort } from "../support/hub-process.ts";
import { startChild } from "./children.ts";
import { type Bench, type Line, ms, none, times } from "./lines.ts";
import { nodeNames, type Seeded, seedFolder, site } from "./seed.ts";
import { of, type Round, readersSide, sum, tapRound } from "./sides.ts";

const tappers = 50;
const perSecond = 200;
const password = "0123456789abcdef0123456789abcdef";
/** as many as one address may have at the foreign listener, and some to spare */
const perAddress = 30;
const readyMs = 120_000;

/** Decisions while hosted devices report each second, beside the same hub and host while they are silent. */
export async function measureHosted({ dir, size }: Bench): Promise<Line[]> {
  const home = join(dir, "hosted");
  const all = nodeNames(tappers + size.hosted);
  const seeded = await seedFolder(home, size.fewMembers, all.length);
  const hosted = all.slice(tappers);
  const child = await startChild("./hub-child.ts", [home], {});
  const port = await freePort();
  await writeFolders(home, seeded, hosted, Number(child.ready.tls));
  const hub = await readersSide(child, seeded, all.slice(0, tappers));
  const had = await child.ask("received");
  const host = await startHostProcess(
    { folder: join(home, "hosted"), listen: { port, host: "127.0.0.1" }, bridge: null, logLevel: "error" },
    systemLog("error"),
  );
  const plugs = await connectPlugs(port, hosted);
  // Each hosted node says at least that it was born; three hundred at once keep a hub too busy to answer us in time.
  await until(async () => (await child.ask("received").catch(() => had)) - had >= hosted.length);
  const [quiet, busy]: [Round[], Round[]] = [[], []];
  await tapRound(hub, perSecond, size.roundMs);
  for (let i = 0; i < size.rounds; i += 1) {
    quiet.push(await tapRound(hub, perSecond, size.roundMs));
    const stop = reportEachSecond(plugs);
    busy.push(await tapRound(hub, perSecond, size.roundMs));
    stop();
  }
  const sent = plugs.reduce((count, { said }) => count + said(), 0);
  await end(plugs, host);
  await hub.stop();
  const [calm, loud] = [of(quiet, (r) => r.p99Ms), of(busy, (r) => r.p99Ms)];
  const what = `decisions at ${tappers} nodes while ${size.hosted} hosted devices report at 1 Hz`;
  return [
    { what: `${what}: p99`, ours: ms(loud), floor: `quiet ${ms(calm)}`, ratio: times(loud, calm), target: "< × 2", met: loud / calm < 2 },
    none(
      `${what}: unanswered`,
      sum([...quiet, ...busy], (r) => r.unanswered),
    ),
    { what: "of those devices' reports", ours: String(sent), floor: "–", ratio: "–", target: "> 0", met: sent > 0 },
  ];
}

/** As `koprade node adopt` writes them: one hosted machine each, behind a Tasmota plug. */
async function writeFolders(home: string, seeded: Seeded, nodes: readonly string[], tlsPort: number): Promise<void> {
  const ledger = await openLedger(
    { dir: home, site, tz: "Europe/Riga", demo: false, role: "tool" },
    { clock: systemClock, log: systemLog("error") },
  );
  const { cardGeneration } = ledger.read.site();
  const secretHash = passwordHash(password);
  for (const node of nodes) {
    const device: HostedFile["devices"][number] = {
      account: node,
      family: "tasmota",
      name: node,
      channel: 0,
      options: {},
      parts: ["relay", "meter"],
      secretHash,
    };
    const hub = { url: `mqtts://127.0.0.1:${tlsPort}`, caFile: "ca.crt" };
    const file: HostedFile = { site, node, kind: "machine", ch: "machine", hub, permit: "hold", deadManS: 300, devices: [device] };
    const keys = nodeKeysText(ledger.keys, ledger.read.node(node) ?? { node, macSerial: 0 }, seeded.secrets[node] ?? "", cardGeneration);
    writeHosted({ folder: join(home, "hosted"), file, keys, caPem: seeded.ca });
  }
  await ledger.close();
}

type Plug = { readonly client: MqttClient; report(): void; said(): number };

/** From several addresses of this computer, since one alone may not have so many connections. */
async function connectPlugs(port: number, names: readonly string[]): Promise<Plug[]> {
  const plugs: Plug[] = [];
  for (const [i, name] of names.entries()) {
    const localAddress = `127.0.1.${1 + Math.floor(i / perAddress)}`;
    const dial = () => connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
    let client: MqttClient | undefined;
    // The host takes up three hundred folders one after another: whoever comes too early comes again.
    await until(() => {
      client?.end(true);
      const mine = new MqttClient(dial, { protocolVersion: 4, clientId: name, username: name, password, reconnectPeriod: 0, clean: true });
      client = mine;
      return new Promise<boolean>((resolve) => {
        mine.once("connect", () => resolve(true));
        mine.once("error", () => resolve(false));
        mine.once("close", () => resolve(false));
      });
    });
    if (client !== undefined) plugs.push(plugOf(client, name));
  }
  return plugs;
}

function plugOf(client: MqttClient, name: string): Plug {
  let said = 0;
  client.on("error", () => undefined);
  client.publish(`tele/${name}/LWT`, "Online");
  return {
    client,
    report() {
      said += 1;
      const ENERGY = { Total: 183.36 + said / 10_000, Power: 60 + (said % 40), Voltage: 230, Current: 0.3 };
      client.publish(`tele/${name}/SENSOR`, JSON.stringify({ Time: "2026-01-01T12:00:00", ENERGY }));
    },
    said: () => said,
  };
}

/** Spread over the second, as three hundred clocks are. */
function reportEachSecond(plugs: readonly Plug[]): () => void {
  const started = performance.now();
  let count = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1000) * plugs.length);
    for (; count < due; count += 1) plugs[count % plugs.length]?.report();
  }, 5);
  return () => clearInterval(timer);
}

async function end(plugs: readonly Plug[], host: HostProcess): Promise<void> {
  for (const { client } of plugs) client.end(true);
  await host.stop();
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`bench: the hosted devices were not there after ${readyMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
