/**
 * `koprade node prepare, window, pending, adopt, replace`: how a new box becomes a node without a secret in anybody's hands. Two people,
 * or one who walks, compare eight words; the keys travel encrypted to the node.
 */
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readWords } from "#contract";
import { systemCode } from "../errors.ts";
import { hubWordsOf } from "../ledger/offers.ts";
import { changing } from "./change.ts";
import { badUsage, type Context, command, failed } from "./command.ts";
import { askControl, type ControlResult, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { trustOf, wiringOf, wiringOptions } from "./node-add.ts";
import { adoptForeign, foreignOptions, isForeign } from "./node-foreign.ts";
import { nodeYaml } from "./node-templates.ts";
import { columns } from "./text.ts";
import { list as parts, wholeNumber } from "./values.ts";

type Newcomers = ControlResult<"newcomers">;
type Newcomer = Newcomers["waiting"][number];

export const prepare = command({
  summary: "write the node.yaml of a new node: its wiring, and the words by which it knows this hub; nothing in it is secret",
  args: {
    kind: { type: "enum", options: ["door", "machine"], required: true, description: "what it looks after" },
    ...wiringOptions,
    out: { type: "string", default: "node.yaml", valueHint: "file", description: "where to write it" },
  },
  examples: ["koprade node prepare --kind machine --reader-kind pn532 --meter-kind sdm120 --meter /dev/ttyUSB1 --hub hub.local"],
  async run(given, context) {
    const { kind } = given;
    const wiring = wiringOf(kind, given);
    const path = resolve(context.world.cwd, given.out);
    if (existsSync(path)) throw failed(`${path} exists already; choose another file with --out.`);
    return withLedger(context, async (ledger, config) => {
      const { hubUrl } = await trustOf(config, context, given.hub);
      const identity = { site: config.site, hubWords: hubWordsOf(ledger.keys.signingPublicKey) };
      try {
        writeFileSync(path, nodeYaml({ ...wiring, ch: given.ch ?? kind, hubUrl, identity }), { flag: "wx" });
      } catch (error) {
        if (systemCode(error) === undefined) throw error;
        throw failed(`${path} cannot be written (${systemCode(error)}); choose another file with --out.`);
      }
      const lines = [
        `${path} is there. Copy it to the node's computer, complete the wiring, and run there: koprade node run --config node.yaml`,
        "It shows eight words. Then, here: koprade node window open, and koprade node adopt WORDS --node NAME",
      ];
      return { lines, json: { file: path, hub: hubUrl, words: identity.hubWords } };
    });
  },
});

export const window = command({
  summary: "open the window in which new nodes may say hello, for ten minutes at most, or close it",
  args: {
    what: { type: "positional", required: true, description: "open or close" },
    min: { type: "string", default: "10", valueHint: "minutes", description: "for how long, 1 to 10" },
  },
  examples: ["koprade node window open", "koprade node window close"],
  async run(given, context) {
    if (given.what !== "open" && given.what !== "close") throw badUsage(`The window cannot be "${given.what}"; give open or close.`);
    const forMs = wholeNumber("--min", given.min, 1, 10) * 60_000;
    return withLedger(context, async (ledger, config) => {
      if (config.mqtt.external !== null)
        throw failed("Your own broker lets nobody in whom it does not know; use `koprade node add`, then `koprade mosquitto`.");
      if (given.what === "close") {
        await ledger.change.closeEnrolment({}, context.actor);
        return { lines: ["The window is closed: no new node is heard."], json: { untilMs: null } };
      }
      const { untilMs } = await ledger.change.openEnrolment({ forMs }, context.actor);
      const words = hubWordsOf(ledger.keys.signingPublicKey);
      const lines = [
        `New nodes may say hello for ${given.min} min; \`koprade node pending\` lists them.`,
        "A new node takes keys from this hub only when these words stand in its node.yaml, under hub:",
        `    words: ${words}`,
      ];
      return { lines, json: { untilMs, words } };
    });
  },
});

export const pending = command({
  summary: "list the new nodes that say hello, with the words to compare",
  args: {},
  examples: ["koprade node pending"],
  async run(_given, context) {
    const { untilMs, waiting } = await newcomersNow(context);
    const closed = untilMs === null ? ["The window is closed: `koprade node window open` lets new nodes say hello."] : [];
    if (waiting.length === 0) return { lines: closed.length > 0 ? closed : ["No new node has said hello yet."], json: [] };
    const lines = columns(
      ["FINGERPRINT", "WORDS", "MODEL", "VERSION", "SERIAL", "CHANNELS", "BECOMES"],
      waiting.map(({ fp, words, model, fw, serial, channels, wants, adoptedAs }) => [
        fp,
        words,
        model,
        fw,
        serial,
        channels.map(({ ch, kind }) => `${ch} (${kind})`).join(", "),
        adoptedAs === null ? (wants === null ? "–" : `wants ${wants}`) : `${adoptedAs}, its keys are on their way`,
      ]),
    );
    return { lines: [...lines, ...closed], json: waiting };
  },
});

export const adopt = command({
  summary: "take a new node in, by the eight words that it shows, or a foreign device, and bind it to a door or machine",
  args: {
    words: {
      type: "positional",
      required: true,
      description: "the eight words in quotes, or the 16 digits, as the node shows them; or family:name[=relay+meter],… of foreign devices",
    },
    node: { type: "string", valueHint: "node", description: "its short name (default what its file proposes)" },
    label: { type: "string", default: "", valueHint: "text", description: "where it hangs" },
    door: { type: "string", valueHint: "door", description: "the door that it looks after from now on" },
    machine: { type: "string", valueHint: "machine", description: "the machine that it looks after from now on" },
    ch: { type: "string", valueHint: "channel", description: "on which of its channels (default its only one)" },
    again: { type: "boolean", description: "the node is known and gets new keys, such as after its card died" },
    ...foreignOptions,
  },
  examples: [
    "koprade node adopt tasmota:laser-plug --machine laser-1",
    'koprade node adopt "able acid also arch army atom away axis" --node laser-node --machine laser-1',
    "koprade node adopt 0123456789abcdef --node door-node --door front-door",
  ],
  async run(given, context) {
    if (given.door !== undefined && given.machine !== undefined) throw badUsage("Give --door or --machine, not both.");
    if (isForeign(given.words)) return adoptForeign(given, context);
    const newcomer = theNewcomer(given.words, await newcomersNow(context));
    const node = given.node ?? newcomer.wants;
    if (node === null || node === undefined) throw badUsage("The node proposes no name; give one with --node.");
    const resource = given.door ?? given.machine;
    const bind = resource === undefined ? [] : [{ resource, ch: channelOf(newcomer, given.ch) }];
    return withLedger(context, async (ledger, config) => {
      const expected = given.door === undefined ? "machine" : "door";
      const row = resource === undefined ? undefined : ledger.read.resource(resource);
      if (row !== undefined && row.kind !== expected) throw failed(`${row.id} is a ${row.kind}; name it with --${row.kind}.`);
      const { caPem } = await trustOf(config, context, undefined);
      const kind = newcomer.channels.every((channel) => channel.kind === "door") ? "door" : "machine";
      const { publicKey, words } = newcomer;
      const again = given.again === true;
      const { fp } = await ledger.change.adoptNode({ node, kind, label: given.label, publicKey, ca: caPem, bind, again }, context.actor);
      const lines = [
        `${node} is adopted (${words}). It gets its keys now, and is online as soon as it holds what it must know.`,
        ...(bind.length > 0
          ? [`${resource} hangs on its channel ${bind[0]?.ch} now.`]
          : [`Nothing hangs on it yet: \`koprade machine add … --node ${node}\`, or \`koprade policy set … --node ${node}\`.`]),
      ];
      return { lines, json: { node, fp, bind } };
    });
  },
});

export const rekey = command({
  summary: "give a node that is there new keys over the wire; the old ones hold until it has come with the new ones",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node rekey laser-node"],
  async run({ node }, context) {
    const answer = await askControl(controlPath(context.dataDir), { op: "rekey", node, actor: context.actor });
    if (answer.kind === "no_hub")
      throw failed("No hub is running here, and only a running hub can give a node keys. Start it with `koprade start`.");
    if (answer.kind === "failed") throw failed(answer.sentence);
    if (!answer.result.sent)
      throw failed(`${node} is not there, or too old to be given keys. Otherwise: koprade node renew ${node}, and carry the folder.`);
    const isDone = await withLedger(context, (ledger) => within(rekeyWaitMs, () => !ledger.read.nextKeys().has(node)));
    const line = isDone
      ? `${node} has new keys; the old ones are void.`
      : `${node} has not come with its new keys yet: it waits until nothing is on. Until then its old ones hold.`;
    return { lines: [line], json: { node, confirmed: isDone } };
  },
});
const rekeyWaitMs = 20_000;

async function within(limitMs: number, isTrue: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs && !isTrue(); waitedMs += 200) await new Promise((resolve) => setTimeout(resolve, 200));
  return isTrue();
}

export const replace = changing({
  change: "replaceNode",
  summary: "let a new node take the place of an old one: what hung there hangs on the new one, its history stays; the old one is revoked",
  args: {
    node: { type: "positional", required: true, description: "short name of the old node" },
    by: { type: "positional", required: true, description: "short name of the new node" },
    ch: { type: "string", valueHint: "old=new,…", description: "where channels have other names (default the same)" },
  },
  examples: ["koprade node replace laser-node laser-node-2", "koprade node replace laser-node laser-node-2 --ch machine=laser"],
  input: (given) => ({ node: given.node, by: given.by, channels: channelsOf(given.ch) }),
  says: ({ node, by }, { moved }) =>
    moved.length === 0
      ? `Nothing hung on ${node}; it is revoked.`
      : `${by} has the place of ${node}, which is revoked: ${moved.map(({ resource, ch }) => `${resource} on ${ch}`).join(", ")}.`,
});

function channelsOf(text: string | undefined): Record<string, string> {
  const pairs = parts(text).map((part): [string, string] => {
    const [, from, to] = /^([a-z0-9-]{3,32})=([a-z0-9-]{3,32})$/.exec(part) ?? [];
    if (from === undefined || to === undefined) throw badUsage(`--ch cannot be "${part}"; give old=new, such as machine=laser.`);
    return [from, to];
  });
  return Object.fromEntries(pairs);
}

async function newcomersNow({ dataDir }: Context): Promise<Newcomers> {
  const answer = await askControl(controlPath(dataDir), { op: "newcomers" });
  if (answer.kind === "answer") return answer.result;
  if (answer.kind === "failed") throw failed(answer.sentence);
  throw failed("No hub is running here, and only a running hub hears new nodes. Start it with `koprade start`.");
}

function theNewcomer(text: string, { untilMs, waiting }: Newcomers): Newcomer {
  const words = readWords(text);
  const fp = /^[0-9a-f]{16}$/.test(text) ? text : undefined;
  if (words === undefined && fp === undefined)
    throw badUsage("That is no fingerprint; give the eight words that the node shows, in quotes, or its 16 digits.");
  const found = waiting.find((one) => (words === undefined ? one.fp === fp : one.words === words));
  if (found !== undefined) return found;
  if (untilMs === null) throw failed("No new node is heard now. Open the window first: `koprade node window open`.");
  throw failed("No new node with these words has said hello. Look at its screen or log again; a new node says hello every 5 s.");
}

function channelOf({ channels }: Newcomer, given: string | undefined): string {
  const [only, ...others] = channels;
  const names = channels.map(({ ch }) => ch).join(", ");
  if (given !== undefined) {
    if (channels.some(({ ch }) => ch === given)) return given;
    throw failed(`The node has no channel "${given}"; it has ${names || "none"}.`);
  }
  if (only === undefined || others.length > 0) throw badUsage(`The node has ${names || "no channels"}; choose one with --ch.`);
  return only.ch;
}
