/**
 * "Space as code": what a space is as one text that can be kept beside other texts, compared and given back. Pure: says which commands
 * lead from what is there to what is wanted, in an order in which each finds what it names.
 */
import { parseDocument, stringify } from "yaml";

type Described = Readonly<Record<string, unknown>>;
type Section = Readonly<Record<string, unknown>>;
/** Sections by name, as the ledger describes them. */
export type Space = Readonly<Record<SectionName | "site", Section>>;
export type Step = {
  /** name and input of a command of the ledger */
  readonly command: string;
  readonly input: Described;
  /** `+ zones.shop`, `~ machines.laser-1: label, leaseMs`, `- plans.old` */
  readonly says: string;
};
export type Plan =
  | { readonly ok: true; readonly steps: readonly Step[] /** there, and not in the file */; readonly beyond: readonly string[] }
  | { readonly ok: false; readonly sentence: string };

const version = 1;
const bytesMax = 1_000_000;

type SectionName = "schedules" | "courses" | "zones" | "circuits" | "nodes" | "machines" | "doors" | "accessories" | "plans";
type Rule = {
  readonly name: SectionName;
  readonly add: string;
  /** undefined: adding once more is changing; "none": it cannot be changed */
  readonly change?: string;
  readonly remove: string;
  /** how its commands call it */
  readonly key: (name: string) => Described;
  /** what a command says of it, if that is not what stands under the name */
  readonly content?: (value: unknown) => Described;
  /** a field that names others of the same section, which come first */
  readonly after?: string;
};
const called = (key: string) => (name: string) => ({ [key]: name });

/** In the order in which one needs the other. */
const rules: readonly Rule[] = [
  { name: "schedules", add: "addSchedule", remove: "removeSchedule", key: called("schedule"), content: (hours) => ({ hours }) },
  { name: "courses", add: "addCourse", remove: "removeCourse", key: called("course"), after: "prerequisites" },
  { name: "zones", add: "addZone", remove: "removeZone", key: called("zone"), after: "parent" },
  { name: "circuits", add: "addCircuit", remove: "removeCircuit", key: called("circuit") },
  { name: "nodes", add: "addNode", change: "none", remove: "removeNode", key: called("node") },
  { name: "machines", add: "addMachine", change: "setMachine", remove: "removeMachine", key: called("machine") },
  { name: "doors", add: "addDoor", change: "setDoor", remove: "removeDoor", key: called("door") },
  { name: "accessories", add: "addAccessory", remove: "removeAccessory", key: accessoryOf },
  { name: "plans", add: "addPlan", remove: "removePlan", key: called("plan") },
];

/** `laser-1/rotary` */
function accessoryOf(name: string): Described {
  const [machine = "", accessory = ""] = name.split("/");
  return { machine, accessory };
}

/** The text, with a line on top that says what it is. */
export function writeSpace(space: Space): string {
  const { site, ...sections } = space;
  return `# What this space is. Compare: koprade site diff FILE. Give back: koprade site apply FILE.\n${stringify({ koprade: version, site, ...sections }, { lineWidth: 120 })}`;
}

/** The text as sections, or what is wrong with it and where. */
export function readSpace(
  text: string,
): { readonly ok: true; readonly space: Partial<Space> } | { readonly ok: false; readonly sentence: string } {
  if (text.length > bytesMax) return refuse("The file is larger than 1 MB; that is no description of a space.");
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) return refuse(`Line ${error.linePos?.[0].line ?? 1}: ${error.message.split("\n")[0]}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (!isRecord(value)) return refuse("The file describes nothing; `koprade site export` writes one to begin with.");
  if (value.koprade !== version)
    return refuse(`The file does not begin with "koprade: ${version}"; \`koprade site export\` writes one that does.`);
  const known: readonly string[] = ["koprade", "site", ...rules.map(({ name }) => name)];
  const stranger = Object.keys(value).find((key) => !known.includes(key));
  if (stranger !== undefined) return refuse(`"${stranger}" is no section of a space; there are ${known.slice(1).join(", ")}.`);
  for (const [section, content] of Object.entries(value)) {
    if (section === "koprade") continue;
    if (!isRecord(content)) return refuse(`${section}: is not a list of names with what they are.`);
    for (const [name, each] of section === "site" ? [] : Object.entries(content))
      if (!isRecord(each)) return refuse(`${section}.${name}: is not described; write its fields below it, or take it out.`);
  }
  return { ok: true, space: value as Partial<Space> };
}

/**
 * What leads from `now` to `wanted`. Sections that are left out stay as they are; so does what a present section does not name, unless
 * `prune` is set: then it is removed, last of all.
 */
export function stepsTo(now: Space, wanted: Partial<Space>, { prune }: { readonly prune: boolean }): Plan {
  const steps: Step[] = [];
  const beyond: string[] = [];
  const removals: Step[] = [];
  for (const rule of rules) {
    const section = wanted[rule.name];
    if (section === undefined) continue;
    for (const [name, value] of ordered(section, rule.after)) {
      const before = now[rule.name][name];
      const step = stepFor(rule, name, before, value);
      if (typeof step === "string") return refuse(step);
      if (step !== null) steps.push(step);
    }
    for (const name of Object.keys(now[rule.name]).filter((each) => section[each] === undefined)) {
      beyond.push(`${rule.name}.${name}`);
      removals.unshift({ command: rule.remove, input: rule.key(name), says: `- ${rule.name}.${name}` });
    }
  }
  const site = differing(now.site, wanted.site ?? {});
  if (site.length > 0) {
    const input = changeOf(now.site, wanted.site ?? {}, site);
    steps.push({ command: "setSite", input, says: `~ site: ${site.join(", ")}` });
  }
  return { ok: true, steps: prune ? [...steps, ...removals] : steps, beyond: prune ? [] : beyond };
}

function stepFor(rule: Rule, name: string, before: unknown, value: unknown): Step | string | null {
  const { key, content = (each: unknown) => each as Described } = rule;
  if (before === undefined) return { command: rule.add, input: { ...key(name), ...content(value) }, says: `+ ${rule.name}.${name}` };
  const [had, wanted] = [content(before), content(value)];
  const fields = differing(had, wanted);
  if (fields.length === 0) return null;
  const what = `${rule.name}.${name}: ${fields.join(", ")}`;
  if (rule.change === "none") return `${what} cannot be changed; take it out and describe it anew under another name.`;
  const change = changeOf(had, wanted, fields);
  const input = rule.change === undefined ? { ...had, ...change } : { change };
  return { command: rule.change ?? rule.add, input: { ...key(name), ...input }, says: `~ ${what}` };
}

/** Fields that the file names otherwise than they are; what it does not name stays. */
function differing(before: Described, wanted: Described): string[] {
  return Object.keys(wanted).filter((field) => !same(before[field] ?? null, wanted[field] ?? null));
}

/** Settings are given key by key; one that the file no longer names goes away. */
function changeOf(before: Described, wanted: Described, fields: readonly string[]): Described {
  return Object.fromEntries(
    fields.map((field) => {
      if (field !== "settings") return [field, wanted[field]];
      const gone = Object.keys((before.settings ?? {}) as Described).filter(
        (key) => !Object.hasOwn((wanted.settings ?? {}) as Described, key),
      );
      return [field, { ...((wanted.settings ?? {}) as Described), ...Object.fromEntries(gone.map((key) => [key, null])) }];
    }),
  );
}

/** Those that others name come before them; a circle is left for the ledger to refuse. */
function ordered(section: Section, after: string | undefined): [string, unknown][] {
  if (after === undefined) return Object.entries(section);
  const done = new Map<string, unknown>();
  const visit = (name: string, path: readonly string[]): void => {
    const value = section[name];
    if (value === undefined || done.has(name) || path.includes(name)) return;
    for (const other of [(value as Described)[after]].flat()) if (typeof other === "string") visit(other, [...path, name]);
    done.set(name, value);
  };
  for (const name of Object.keys(section)) visit(name, []);
  return [...done];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const refuse = (sentence: string): { readonly ok: false; readonly sentence: string } => ({ ok: false, sentence });
