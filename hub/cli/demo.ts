/** `koprade demo`: a simulated building in a folder of its own, `demo` within the data folder; never in a real site's. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { command, failed, type Noun } from "./command.ts";
import { configOf, isDemoFolder, makeFolder, markDemoFolder, needNoHub } from "./data.ts";
import { portOptions, portVariables } from "./start.ts";
import { wholeNumber } from "./values.ts";

const demoFolder = (dataDir: string): string => (isDemoFolder(dataDir) ? dataDir : join(dataDir, "demo"));

const start = command({
  summary: "run the hub with a simulated building",
  args: {
    ...portOptions,
    seed: { type: "string", default: "1", valueHint: "number", description: "another number, other people and other days" },
    speed: {
      type: "string",
      default: "12",
      valueHint: "times",
      description: "how much livelier than a real evening people come and go, 1 to 600",
    },
  },
  examples: ["koprade demo", "koprade demo --seed 7 --speed 60"],
  async run(given, { world, dataDir }) {
    const seed = wholeNumber("--seed", given.seed, 0, 4_294_967_295);
    const speed = wholeNumber("--speed", given.speed, 1, 600);
    const dir = demoFolder(dataDir);
    if (existsSync(dir) && !isDemoFolder(dir) && readdirSync(dir).length > 0) {
      throw failed(`${dir} is not empty and was not made by the demo. Move it away, or name another data folder with --data.`);
    }
    await needNoHub(dir, "The demo is running already");
    makeFolder(dir);
    markDemoFolder(dir);
    const config = configOf(dir, world, { ...portVariables(given), KOPRADE_SITE: "demo" });
    return { lines: [], json: { stopped: true }, exit: await world.startDemo({ dataDir: dir, config, seed, speed }) };
  },
});

const remove = command({
  summary: "remove the simulated building and everything it wrote",
  args: {},
  examples: ["koprade demo remove"],
  async run(_given, { dataDir }) {
    const dir = demoFolder(dataDir);
    if (!existsSync(dir)) return { lines: ["There is no demo to remove."], json: { removed: false, folder: dir } };
    if (!isDemoFolder(dir))
      throw failed(`${dir} was not made by the demo, so it is left alone. Look into it, and remove it yourself if it may go.`);
    await needNoHub(dir, "The demo is running");
    await needNoHub(dirname(dir), "A hub is running that may show the simulated building");
    rmSync(dir, { recursive: true });
    return { lines: [`Removed ${dir}.`], json: { removed: true, folder: dir } };
  },
});

export const demo: Noun = { summary: "a simulated building, apart from everything real", verbs: { start, remove }, byDefault: "start" };
