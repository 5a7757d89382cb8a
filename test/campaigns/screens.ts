/** Every page and board × four languages × three sets of colours × two widths, by axe-core and by width (experience.md §11). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPages, openBrowser } from "../support/browser.ts";
import { allScreens, inWords, lookAt } from "../support/screens.ts";
import { openShownSpace } from "../support/shown-space.ts";

export const name = "screens";

export async function run(seed: number): Promise<{ readonly figures: Record<string, number | string> }> {
  buildPages();
  const dir = await mkdtemp(join(tmpdir(), "koprade-screens-"));
  const browser = await openBrowser();
  const space = await openShownSpace(dir, seed);
  try {
    const screens = allScreens(space.examples, space.walls);
    const sights = await lookAt({ hub: space.hub, browser, cookie: await space.cookie(), screens });
    const faults = inWords(sights);
    for (const fault of faults) process.stdout.write(`${fault}\n`);
    return {
      figures: {
        pages: new Set(screens.map(({ path }) => path)).size,
        screens: sights.length,
        faults: faults.length,
        ...(faults[0] === undefined ? {} : { first: faults[0].slice(0, 120).replaceAll("|", "/") }),
      },
    };
  } finally {
    await browser.close();
    await space.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
