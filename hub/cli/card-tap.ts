/** `koprade card assign --tap`: asks the running hub to make readers wait, and watches the ledger until a card has come. */
import { captureMs } from "#core";
import type { Ledger } from "../ledger/types.ts";
import type { CaptureRow } from "../ledger/types-rows.ts";
import { siteOf } from "./change.ts";
import { type Context, failed, type Outcome } from "./command.ts";
import { askControl, controlPath } from "./control.ts";
import { withLedger } from "./data.ts";
import { theMember } from "./values.ts";

const lookMs = 100;
/** a card read at the last moment is still on its way */
const afterMs = 2000;

export async function assignByTap(
  given: { readonly member: string; readonly at: string | null; readonly label: string },
  context: Context,
): Promise<Outcome> {
  return withLedger(context, async (ledger) => {
    const { member, displayName } = theMember(ledger, "--member", given.member);
    const fromN = ledger.read.events({ limit: 1 })[0]?.n ?? 0;
    const asked = { op: "capture" as const, member, resource: given.at, label: given.label, actor: context.actor };
    const answer = await askControl(controlPath(context.dataDir), asked);
    if (answer.kind === "no_hub")
      throw failed("--tap: no hub is running, so no reader can wait. Start it with `koprade start`, or give the number.");
    if (answer.kind === "failed") throw failed(`--tap: ${answer.sentence}`);
    const { capture, readers } = answer.result;
    if (readers.length === 0) {
      const where = given.at === null ? "no reader" : `the reader of ${given.at} is not`;
      throw failed(`--tap: ${where}${given.at === null ? " is" : ""} there. See \`koprade node list\`, or give the number.`);
    }
    if (!context.json) context.world.stderr(`Hold the new card to ${given.at ?? "any reader"} within ${captureMs / 1000} s …\n`);
    const came = await cardOf(ledger, capture, context);
    if (came?.refused != null) throw failed(`--tap: ${came.refused}`);
    if (came === undefined) throw failed(nothingCame(ledger, context, fromN, readers));
    return {
      lines: [`The card belongs to ${displayName} (${member}) now.`],
      json: { member, label: given.label, capture },
    };
  });
}

/** What became of it; undefined when the time is over. */
async function cardOf(ledger: Ledger, capture: number, { world }: Context): Promise<CaptureRow | undefined> {
  const endMono = world.clock.monoMs() + captureMs + afterMs;
  while (world.clock.monoMs() < endMono) {
    const row = ledger.read.capture(capture);
    if (row !== undefined && (row.cardKey !== null || row.refused !== null)) return row;
    await new Promise<void>((resolve) => void world.clock.after("look for the card", lookMs, resolve));
  }
  return undefined;
}

/** A card that is somebody's already goes on working and is given to nobody else. */
function nothingCame(ledger: Ledger, context: Context, fromN: number, readers: readonly string[]): string {
  const site = siteOf(ledger, context);
  const known = ledger.read.events({ after: fromN, kinds: ["access.decided"], limit: 1000 }).findLast(({ node, ch, body }) => {
    const place = ledger.read.resourceAt(node, ch)?.id;
    return "member" in body && body.member !== 0 && place !== undefined && readers.includes(place);
  });
  const none = `--tap: no new card came within ${captureMs / 1000} s.`;
  if (known === undefined || !("member" in known.body)) return `${none} Try again, nearer to the reader.`;
  return `${none} The one that was tapped belongs to ${site.name(known.body.member)} already; block it as returned before somebody else gets it.`;
}
