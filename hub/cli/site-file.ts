/** `koprade site export`, `diff` and `apply`: what the space is as one file that can be kept, compared and given back. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { HubError, systemCode } from "../errors.ts";
import { readSpace, type Space, type Step, stepsTo, writeSpace } from "../exchange/space-file.ts";
import { type CommandName, inputs } from "../ledger/inputs.ts";
import type { Ledger } from "../ledger/types.ts";
import { type Context, command, failed, type Outcome } from "./command.ts";
import { withLedger } from "./data.ts";
import { writeNew } from "./write.ts";

const file = { type: "positional", required: true, description: "a file as `koprade site export` writes it" } as const;
const prune = { type: "boolean", description: "also remove what the file's sections do not name" } as const;

export const exportSite = command({
  summary: "write what the space is (hours, courses, zones, machines, doors, plans) as YAML; without people and secrets",
  args: { out: { type: "string", valueHint: "file", description: "file to write (default standard output)" } },
  examples: ["koprade site export --out space.yaml"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const facts = ledger.read.spaceFacts();
      if (given.out === undefined) return { lines: [writeSpace(facts).trimEnd()], json: facts };
      const path = resolve(context.world.cwd, given.out);
      writeNew(path, writeSpace(facts));
      return { lines: [`Wrote ${path}.`], json: { path } };
    });
  },
});

export const diffSite = command({
  summary: "say what `site apply` would do with a file; exit code 1 when that is anything",
  args: { file, prune },
  examples: ["koprade site diff space.yaml", "koprade site diff space.yaml --prune"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const { steps, beyond } = planned(ledger, context, given);
      return { ...told(steps, beyond, "It is as the file says."), exit: steps.length === 0 ? 0 : 1 };
    });
  },
});

export const applySite = command({
  summary: "make the space what a file says; whoever runs it twice changes nothing the second time",
  args: { file, prune },
  examples: ["koprade site apply space.yaml", "koprade site apply space.yaml --prune"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const { steps, beyond } = planned(ledger, context, given);
      for (const [done, step] of steps.entries()) await give(ledger, context, step, done);
      const secretless = steps.some(({ command }) => command === "addNode");
      const outcome = told(steps, beyond, "Nothing to do: it was as the file says.");
      const hint = secretless ? ["New nodes have no secret yet: `koprade node renew NODE` makes its folder."] : [];
      return { ...outcome, lines: [...outcome.lines, ...hint] };
    });
  },
});

function planned(ledger: Ledger, { world }: Context, given: { readonly file: string; readonly prune?: boolean | undefined }) {
  const path = resolve(world.cwd, given.file);
  const wanted = readSpace(textOf(path));
  if (!wanted.ok) throw failed(`${given.file}: ${wanted.sentence}`);
  const plan = stepsTo(ledger.read.spaceFacts() as Space, wanted.space, { prune: given.prune === true });
  if (!plan.ok) throw failed(`${given.file}: ${plan.sentence}`);
  for (const { command, input, says } of plan.steps) {
    const checked = inputs[command as CommandName].safeParse(input);
    const [issue] = checked.error?.issues ?? [];
    if (issue !== undefined)
      throw failed(`${given.file}: ${says.slice(2).split(":")[0]}: ${issue.path.join(".")}: ${issue.message}. Nothing was changed.`);
  }
  return plan;
}

/** One after the other, each whole by itself; what a refusal leaves undone is done by running it again. */
async function give(ledger: Ledger, context: Context, step: Step, done: number): Promise<void> {
  const change = ledger.change as Readonly<Record<string, (input: unknown, actor: string) => Promise<unknown>>>;
  try {
    await change[step.command]?.(step.input, context.actor);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    throw failed(
      `${step.says}: ${error.message} ${error.fix ?? ""} ${done} changes before it were made; mend the file and apply it again.`,
    );
  }
}

function told(steps: readonly Step[], beyond: readonly string[], nothing: string): Outcome {
  const left = beyond.length === 0 ? [] : [`Not in the file, and left as it is: ${beyond.join(", ")}.`];
  return { lines: [...(steps.length === 0 ? [nothing] : steps.map(({ says }) => says)), ...left], json: { steps, beyond } };
}

function textOf(path: string): string {
  try {
    if (statSync(path).size > 1_000_000) throw failed(`${path}: larger than 1 MB; that is no description of a space.`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(`${path} cannot be read (${code}); check its name, and that it is a file you may read.`);
  }
}
