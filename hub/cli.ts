/**
 * `koprade …`: finds the command, reads its arguments, runs it, writes its outcome. Exit codes: 0 done, 1 failed, 2 asked for
 * in a wrong way. Outcomes go to standard output, everything else to standard error.
 */
import { defineCommand, renderUsage } from "citty";
import { account } from "./cli/account.ts";
import { audit } from "./cli/audit.ts";
import { backup } from "./cli/backup.ts";
import { booking, classes, duty } from "./cli/booking.ts";
import { card } from "./cli/card.ts";
import { type AnyCommand, badUsage, CliError, type Context, common, type Noun, type Outcome } from "./cli/command.ts";
import { correction } from "./cli/correction.ts";
import { course } from "./cli/course.ts";
import { credit, pin } from "./cli/credit.ts";
import { dataFolder } from "./cli/data.ts";
import { decode } from "./cli/decode.ts";
import { demo } from "./cli/demo.ts";
import { doctor } from "./cli/doctor.ts";
import { door } from "./cli/door.ts";
import { everything } from "./cli/export.ts";
import { firmware } from "./cli/firmware.ts";
import { guardian, guest } from "./cli/guest.ts";
import { hold, waiver } from "./cli/hold.ts";
import { hours } from "./cli/hours.ts";
import { machine } from "./cli/machine.ts";
import { member } from "./cli/member.ts";
import { membership } from "./cli/membership.ts";
import { mosquitto } from "./cli/mosquitto.ts";
import { muster } from "./cli/muster.ts";
import { node } from "./cli/node.ts";
import { notice } from "./cli/notice.ts";
import { exception, override } from "./cli/override.ts";
import { parseWords, suggestion } from "./cli/parse.ts";
import { plan } from "./cli/plan.ts";
import { mode, policy } from "./cli/policy.ts";
import { projectNoun } from "./cli/project.ts";
import { maintainer, trainer } from "./cli/qualification.ts";
import { reader } from "./cli/reader.ts";
import { report } from "./cli/report.ts";
import { restore } from "./cli/restore.ts";
import { screen } from "./cli/screen.ts";
import { series } from "./cli/series.ts";
import { service } from "./cli/service.ts";
import { site } from "./cli/site.ts";
import { start } from "./cli/start.ts";
import { columns, plain } from "./cli/text.ts";
import { training } from "./cli/training.ts";
import { webhook } from "./cli/webhook.ts";
import { who } from "./cli/who.ts";
import { why } from "./cli/why.ts";
import { wiring } from "./cli/wiring.ts";
import { wish } from "./cli/wish.ts";
import type { World } from "./cli/world.ts";
import { accessory, circuit, zone } from "./cli/zone.ts";
import { HubError } from "./errors.ts";

export type { World } from "./cli/world.ts";

/** In the order of the help. A plain command has no verbs. */
const tree: Readonly<Record<string, Noun | AnyCommand>> = {
  start,
  demo,
  site,
  member,
  card,
  pin,
  plan,
  membership,
  hold,
  guest,
  guardian,
  waiver,
  credit,
  course,
  training,
  trainer,
  maintainer,
  hours,
  booking,
  class: classes,
  wish,
  duty,
  machine,
  door,
  policy,
  accessory,
  zone,
  circuit,
  node,
  wiring,
  firmware,
  reader,
  service,
  mode,
  muster,
  notice,
  webhook,
  screen,
  account,
  override,
  exception,
  why,
  who,
  decode,
  report,
  correction,
  project: projectNoun,
  series,
  audit,
  backup,
  export: everything,
  restore,
  mosquitto,
  doctor,
};
const isNoun = (entry: Noun | AnyCommand): entry is Noun => "verbs" in entry;

/** Runs one command line, without the program's own name, and resolves with the exit code. Never rejects. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  const json = argv.includes("--json");
  let name = "koprade";
  try {
    const found = find(argv);
    name = found.name;
    if (found.kind === "help") {
      world.stdout(`${plain(await found.text())}\n`);
      return 0;
    }
    const given = parseWords({ ...found.command.args, ...common }, found.words);
    const context: Context = { world, dataDir: dataFolder(given.data, world), json, actor: actorOf(world) };
    const outcome = await (found.command as { run(given: unknown, context: Context): Promise<Outcome> }).run(given, context);
    if (json && outcome.json !== undefined) world.stdout(`${JSON.stringify(outcome.json)}\n`);
    else if (outcome.lines.length > 0) world.stdout(`${harmless(outcome.lines.join("\n"))}\n`);
    return outcome.exit ?? 0;
  } catch (error) {
    return explainFailure(error, name, json, world);
  }
}

type Found =
  | { readonly kind: "help"; readonly name: string; text(): Promise<string> }
  | { readonly kind: "run"; readonly name: string; readonly command: AnyCommand; readonly words: readonly string[] };

/** The command a line names, or the help it asks for. Options may stand before the names. */
function find(argv: readonly string[]): Found {
  const { names, rest } = split(argv);
  const wantsHelp = argv.some((word, i) => (word === "--help" || word === "-h") && !argv.slice(0, i).includes("--"));
  const [first, second] = names;
  if (first === "help") return find([...names.slice(1), "--help"]);
  if (first === undefined) {
    if (argv.length === 0 || wantsHelp) return { kind: "help", name: "koprade", text: helpOfAll };
    throw badUsage(`Name a command${suggestion("", Object.keys(tree))}`);
  }
  const entry = tree[first];
  if (entry === undefined) throw badUsage(`"${first}" is not a command${suggestion(first, Object.keys(tree))}`);
  if (!isNoun(entry)) return chosen(`koprade ${first}`, entry, [...names.slice(1), ...rest], wantsHelp);
  const verb = second !== undefined && second in entry.verbs ? second : undefined;
  const picked = verb ?? (second === undefined || takesWord(entry) ? entry.byDefault : undefined);
  const found = picked === undefined ? undefined : entry.verbs[picked];
  if (found !== undefined && !(wantsHelp && verb === undefined)) {
    const name = verb === undefined && takesWord(entry) ? `koprade ${first}` : `koprade ${first} ${picked}`;
    return chosen(name, found, [...names.slice(verb === undefined ? 1 : 2), ...rest], wantsHelp);
  }
  if (wantsHelp) return { kind: "help", name: `koprade ${first}`, text: () => helpOfNoun(first, entry) };
  const verbs = Object.keys(entry.verbs);
  throw badUsage(
    second === undefined
      ? `Say what to do with "koprade ${first}": ${verbs.join(", ")}.`
      : `"${second}" is nothing that "koprade ${first}" does${suggestion(second, verbs)}`,
  );
}

/** `koprade report 2026-11`: what is no verb is the first word of the noun's default, where that takes one. */
function takesWord({ verbs, byDefault }: Noun): boolean {
  return Object.values(verbs[byDefault ?? ""]?.args ?? {}).some(({ type }) => type === "positional");
}

/** The leading words that are no options, and everything from the first other one on; options of every command may come first. */
function split(argv: readonly string[]): { names: string[]; rest: string[] } {
  const early: string[] = [];
  let i = 0;
  while (i < argv.length && argv[i]?.startsWith("-") === true) {
    const word = argv[i] ?? "";
    early.push(word);
    i += 1;
    if (word === "--data" && argv[i] !== undefined) early.push(argv[i++] ?? "");
  }
  const names: string[] = [];
  while (i < argv.length && argv[i]?.startsWith("-") === false) names.push(argv[i++] ?? "");
  return { names, rest: [...early, ...argv.slice(i)] };
}

function chosen(name: string, command: AnyCommand, words: readonly string[], wantsHelp: boolean): Found {
  return wantsHelp ? { kind: "help", name, text: () => helpOfCommand(name, command) } : { kind: "run", name, command, words };
}

async function helpOfCommand(name: string, command: AnyCommand): Promise<string> {
  const usage = await renderUsage(defineCommand({ meta: { name, description: command.summary }, args: { ...command.args, ...common } }));
  const tidy = usage.split("\n").map((line) => line.trimEnd());
  return [...tidy, "EXAMPLES", "", ...command.examples.map((example) => `  ${example}`)].join("\n");
}

async function helpOfNoun(name: string, noun: Noun): Promise<string> {
  const lines = Object.entries(noun.verbs).map(([verb, { summary }]) => [`  koprade ${name} ${verb}`, summary]);
  const examples = Object.values(noun.verbs).flatMap((verb) => verb.examples.slice(0, 1));
  return [
    noun.summary,
    "",
    "COMMANDS",
    "",
    ...columns(["", ""], lines).slice(1),
    "",
    "EXAMPLES",
    "",
    ...examples.map((line) => `  ${line}`),
  ].join("\n");
}

async function helpOfAll(): Promise<string> {
  const lines = Object.entries(tree).map(([name, entry]) => [
    `  koprade ${name}${isNoun(entry) ? ` ${Object.keys(entry.verbs).join("|")}` : ""}`,
    entry.summary,
  ]);
  return [
    "koprade: doors, machines and their use in a makerspace",
    "",
    "COMMANDS",
    "",
    ...columns(["", ""], lines).slice(1),
    "",
    "EXAMPLES",
    "",
    "  koprade demo",
    "  koprade member add 'Ada Ozola' --card em4100:0A1B2C3D4E --plan full",
    "  koprade why --member 'Ada Ozola' --at laser-1 --when 2026-12-24T22:00",
    "",
    "Every command takes --json, --data and --help. Exit codes: 0 done, 1 failed, 2 asked for in a wrong way.",
  ].join("\n");
}

/** One sentence for a mistake or an operating failure; for a bug, where to report it. */
function explainFailure(error: unknown, name: string, json: boolean, world: World): number {
  const { exit, code, sentence } = sentenceOf(error);
  if (json) world.stderr(`${JSON.stringify({ error: { code, sentence, command: name } })}\n`);
  else
    world.stderr(
      `${sentence
        .split("\n")
        .map((line) => `${name}: ${plain(line)}`)
        .join("\n")}\n`,
    );
  if (code === "BUG" && world.env.KOPRADE_DEBUG === "1" && error instanceof Error) world.stderr(`${error.stack ?? ""}\n`);
  return exit;
}

function sentenceOf(error: unknown): { exit: number; code: string; sentence: string } {
  if (error instanceof CliError) return { exit: error.exit, code: error.exit === 2 ? "BAD_USAGE" : "FAILED", sentence: error.message };
  if (error instanceof HubError) {
    return { exit: error.code === "BAD_INPUT" ? 2 : 1, code: error.code, sentence: `${error.message} ${error.fix}` };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return {
    exit: 1,
    code: "BUG",
    sentence: `This is a mistake in koprade itself (${detail}). Run it again with KOPRADE_DEBUG=1 and report what it prints.`,
  };
}

function actorOf(world: World): string {
  const named = world.env.SUDO_USER ?? world.env.USER ?? world.env.LOGNAME ?? "";
  return `cli:${/^[\w.-]{1,32}$/.test(named) ? named : "someone"}`;
}

/** Names are other people's text: control characters other than our own colours and line ends are taken out. */
function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/\u001b\[(?:3[0-7]|39|90)m|[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (found) => (found.length > 1 ? found : ""));
}
