/** `koprade node`: the boxes at doors and machines: their identities, their state, and running one here. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ArgsDef } from "citty";
import { hostFolder, parkHosted, removeHosted } from "../host/hosted-folder.ts";
import { changing } from "./change.ts";
import { type Command, command, failed, type Noun } from "./command.ts";
import { askControl, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { add, renew } from "./node-add.ts";
import { adopt, pending, prepare, rekey, replace, window } from "./node-enrol.ts";
import { discover } from "./node-foreign.ts";
import { list, show } from "./node-list.ts";

/** A hosted node lives here: what becomes of it becomes of its folder. */
function andHere<A extends ArgsDef>(verb: Command<A>, act: (folder: string, node: string) => void): Command<A> {
  return {
    ...verb,
    async run(given, context) {
      const outcome = await verb.run(given, context);
      act(hostFolder(context.dataDir), String(given.node));
      return outcome;
    },
  };
}

const cutOff = changing({
  change: "setNode",
  summary: "cut a node off, such as a stolen one, until it is released",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node revoke laser-node"],
  input: (given) => ({ node: given.node, status: "revoked" }),
  says(input, _result, { ledger }) {
    const accounts = ledger.read.node(input.node)?.accounts ?? [];
    const closed = accounts.length === 0 ? "" : ` Closed with it: the accounts of its devices, ${accounts.join(", ")}.`;
    return `${input.node} is revoked; \`koprade node release ${input.node}\` lets it in again.${closed}`;
  },
});

const revoke = andHere(cutOff, (folder, node) => parkHosted(folder, node, false));

const hold = changing({
  change: "setNode",
  summary: "let a node wait outside until it is released, such as one in a box",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node hold laser-node"],
  input: (given) => ({ node: given.node, status: "pending" }),
  says: (input) => `${input.node} waits outside; \`koprade node release ${input.node}\` lets it in.`,
});

const gone = changing({
  change: "removeNode",
  summary: "remove a revoked node that has never told anything",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node remove lasr-node"],
  input: (given) => ({ node: given.node }),
  says: (input) => `${input.node} is removed.`,
});
const remove = andHere(gone, removeHosted);

const release = command({
  summary: "let a node in again that waits outside or was cut off",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node release laser-node"],
  async run(given, context) {
    return withLedger(context, async (ledger) => {
      const row = ledger.read.node(given.node);
      if (row === undefined) throw failed(`There is no node "${given.node}"; see \`koprade node list\`.`);
      await ledger.change.setNode({ node: given.node, status: "active" }, context.actor);
      parkHosted(hostFolder(context.dataDir), given.node, true);
      const was = row.status === "active" ? "was not cut off" : `was ${row.status}, and may come back`;
      return { lines: [`${given.node} ${was}.`], json: { node: given.node, was: row.status } };
    });
  },
});

const identify = command({
  summary: "let a node beep, so that somebody finds it",
  args: { node: { type: "positional", required: true, description: "short name of the node" } },
  examples: ["koprade node identify laser-node"],
  async run({ node }, context) {
    const answer = await askControl(controlPath(context.dataDir), { op: "identify", node, actor: context.actor });
    if (answer.kind === "no_hub")
      throw failed("No hub is running here, and only a running hub can ask a node. Start it with `koprade start`.");
    if (answer.kind === "failed") throw failed(answer.sentence);
    const { result } = answer;
    if (result.status === "missing") throw failed(`There is no node "${node}" with a door or machine; see \`koprade node list\`.`);
    if (result.status === "rejected") throw failed(`${node} would not: ${result.sentence}`);
    if (result.status === "unconfirmed") throw failed(`${node} did not answer. It may be off, or its network is.`);
    return { lines: [`${node} beeps.`], json: { node, status: result.status } };
  },
});

const run = command({
  summary: "run a node on this computer until it is stopped",
  args: { config: { type: "string", required: true, valueHint: "file", description: "the node's node.yaml" } },
  examples: ["koprade node run --config node.yaml"],
  async run(given, { world }) {
    const path = resolve(world.cwd, given.config);
    if (!existsSync(path)) throw failed(`${path}: there is no such file; \`koprade node add\` writes one.`);
    return { lines: [], json: { stopped: true }, exit: await world.runNode(path) };
  },
});

export const node: Noun = {
  summary: "the boxes at doors and machines",
  verbs: {
    prepare,
    window,
    pending,
    discover,
    adopt,
    add,
    list,
    show,
    replace,
    identify,
    hold,
    revoke,
    release,
    rekey,
    renew,
    remove,
    run,
  },
};
