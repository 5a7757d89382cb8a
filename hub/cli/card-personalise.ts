/**
 * `koprade card personalise`: makes a blank chip card one that cannot be copied, and gives it to a member. The member gets the card
 * before anything is written to it, so that one left half made by a power cut is somebody's; running it again goes on where it ended.
 */
import { randomBytes } from "node:crypto";
import type { Examined, MakerGiven, MakeStep } from "../../devices/drivers/card-maker.ts";
import type { CardProof } from "../../devices/drivers/card-proof.ts";
import type { Pn532, Pn532Outcome } from "../../devices/drivers/pn532.ts";
import type { Pn532TypeA } from "../../devices/drivers/pn532-message.ts";
import type { Ledger } from "../ledger/types.ts";
import { CliError, type Context, command, failed, type Outcome } from "./command.ts";
import { withLedger } from "./data.ts";
import { needPort } from "./firmware.ts";
import { theMember } from "./values.ts";

const cardWaitMs = 30_000;
const openMs = 5_000;
const lookMs = 100;
/** A card that slips is looked for again; one that is gone ends the run. */
const slipMs = 3_000;
const triesMax = 2;

export const personalise = command({
  summary: "make a blank chip card (NTAG 424 DNA, DESFire) a member's card that cannot be copied",
  args: {
    member: { type: "string", required: true, valueHint: "member", description: "number or name of the member" },
    reader: { type: "string", required: true, valueHint: "device", description: "serial port of a PN532 at this computer" },
    label: { type: "string", default: "card", valueHint: "text", description: "what to call the card, such as “blue card”" },
  },
  examples: [
    "koprade card personalise --member 'Ada Ozola' --reader /dev/ttyUSB0",
    "koprade card personalise --member 12 --reader /dev/ttyUSB0 --label 'blue card'",
  ],
  async run(given, context) {
    needPort(given.reader, "--reader");
    return withLedger(context, async (ledger) => {
      const { member, displayName } = theMember(ledger, "--member", given.member);
      const { module, close } = await openReader(given.reader);
      try {
        return await make({ ledger, context, module, member, displayName, label: given.label });
      } finally {
        await close();
      }
    });
  },
});

type Desk = {
  readonly ledger: Ledger;
  readonly context: Context;
  readonly module: Pn532;
  readonly member: number;
  readonly displayName: string;
  readonly label: string;
};
type OurCard = Extract<Examined, { kind: "card" }>;

async function make(desk: Desk): Promise<Outcome> {
  const { ledger, module, member, displayName } = desk;
  const [{ examineCard, makeCard }, { canonicalIso14443a }] = await Promise.all([
    import("../../devices/drivers/card-maker.ts"),
    import("../../devices/drivers/card-number.ts"),
  ]);
  const maker = makerOf(ledger);
  tell(desk, `Lay the card of ${displayName} on the reader within ${cardWaitMs / 1000} s, and leave it there …`);
  const shown = await cardOn(module, cardWaitMs);
  const found = cardFound(await examineCard(module.channelTo(shown), shown.uid, maker));
  const number = canonicalIso14443a(found.uid);
  if (number.kind === "refused") throw failed("This card has no number of its own; take another one.");
  const isTheirs = ledger.read
    .cards(member)
    .some(({ cardKey, status }) => status === "active" && cardKey === ledger.keys.cardKeyOf(number.number));
  if (!isTheirs)
    await ledger.change.assignCard(
      { member, card: { number: number.number }, label: desk.label, validFrom: null, validThrough: null },
      desk.context.actor,
    );
  const steps: MakeStep[] = [];
  for (let tries = 1; found.stage !== "finished"; tries += 1) {
    await module.release();
    const again = await sameCardOn(module, shown);
    const made = await makeCard(module.channelTo(again), found, { ...maker, onStep: (step) => void steps.push(step) });
    if (made.kind === "made") break;
    if (tries < triesMax) continue; // each try goes on where the last one ended
    throw failed(
      halfMade(desk, made.kind === "gone" ? `it was taken away or lost its power at ${made.step}` : `the card refused ${made.step}`),
    );
  }
  const proof = await prove(module, shown, maker);
  if (proof.kind !== "proved")
    throw failed(halfMade(desk, `it could not prove itself afterwards (${proof.kind === "not ours" ? proof.kind : proof.why})`));
  return made(desk, found, steps);
}

function made({ member, displayName, label }: Desk, { model, stage }: OurCard, steps: readonly MakeStep[]): Outcome {
  const was = {
    blank: "was blank",
    "half made": "was half made, and is finished",
    "older keys": "had older keys, and has the present ones",
    finished: "was finished already",
  }[stage];
  return {
    lines: [`The card belongs to ${displayName} (${member}) now. It is a ${model}, ${was}, and has proved itself.`],
    json: { member, label, model, was: stage, wrote: [...new Set(steps)], proved: true },
  };
}

const halfMade = ({ displayName, member }: Desk, why: string): string =>
  `The card is not finished: ${why}. It belongs to ${displayName} (${member}) and counts as its number only; run the same command again with the same card.`;

function makerOf({ keys, read }: Ledger): MakerGiven & { readonly generation: number } {
  const { cardGeneration } = read.site();
  return {
    manage: keys.cardManageKey,
    keysOf: (generation) => keys.proofKeysOf(generation),
    generation: cardGeneration,
    dice: (count) => Uint8Array.from(randomBytes(count)),
  };
}

const cannotProve =
  "This card cannot prove itself: it is no NTAG 424 DNA and no DESFire EV1, EV2 or EV3. `koprade card assign` gives it by its number.";

/** @throws CliError for whatever is no card to be made */
function cardFound(found: Examined): OurCard {
  if (found.kind === "card") return found;
  if (found.kind === "cannot prove") throw failed(cannotProve);
  if (found.kind === "strange keys") throw failed("Somebody else has put keys on this card, so it cannot be ours; take a blank one.");
  throw failed(`The card did not stay on the reader (${found.why}). Nothing was written to it; run the command again.`);
}

async function prove(module: Pn532, shown: Pn532TypeA, maker: MakerGiven & { readonly generation: number }): Promise<CardProof> {
  const { proveCard } = await import("../../devices/drivers/card-proof.ts");
  await module.release();
  const again = await sameCardOn(module, shown);
  const given = { keys: maker.keysOf(maker.generation), dice: maker.dice, counterRises: async () => "rises" as const };
  return proveCard(module.channelTo(again), again.uid, given);
}

/** One card alone, for as long as it takes. @throws CliError when none comes */
async function cardOn(module: Pn532, waitMs: number): Promise<Pn532TypeA> {
  const { isAskable } = await import("../../devices/drivers/pn532-message.ts");
  const endMs = performance.now() + waitMs;
  let seen = "No card came";
  while (performance.now() < endMs) {
    const [card, another] = heardOf(await module.look());
    if (another !== undefined) seen = "Several cards lie on the reader; leave one";
    else if (card !== undefined && !isAskable(card)) throw failed(cannotProve);
    else if (card !== undefined) return card;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  throw failed(`${seen}. Run the command again.`);
}

/** After `release`, which wakes the card anew. A card that hides its number shows another one each time. */
async function sameCardOn(module: Pn532, before: Pn532TypeA): Promise<Pn532TypeA> {
  const card = await cardOn(module, slipMs);
  const isHidden = before.uid.length === 4 && card.uid.length === 4;
  if (!isHidden && card.uid.toHex() !== before.uid.toHex())
    throw failed("Another card lies on the reader now. Run the command again with one card.");
  return card;
}

function heardOf<T>(outcome: Pn532Outcome<T>): T {
  if (outcome.kind === "done") return outcome.value;
  throw failed(`--reader: the PN532 does not answer (${outcome.why}). Check its power and that its switches stand on HSU.`);
}

/** @throws CliError when nothing there is a PN532 */
async function openReader(path: string): Promise<{ module: Pn532; close: () => Promise<void> }> {
  const [{ createPn532 }, { pn532BaudRate }, { openSerialLine }] = await Promise.all([
    import("../../devices/drivers/pn532.ts"),
    import("../../devices/drivers/pn532-frame.ts"),
    import("../../devices/drivers/serial-line.ts"),
  ]);
  const line = openSerialLine({ path, baudRate: pn532BaudRate });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(failed(`--reader: ${path} cannot be opened. Stop the node that uses it.`)), openMs);
      line.onState((state) => {
        clearTimeout(timer);
        if (state.kind === "open") resolve();
        else reject(failed(`--reader: ${path} cannot be opened: ${state.why}.`));
      });
    });
    const module = createPn532(line);
    heardOf(await module.wake());
    return { module, close: () => line.close() };
  } catch (error) {
    await line.close();
    if (error instanceof CliError) throw error;
    throw failed(`--reader: ${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function tell({ context }: Desk, sentence: string): void {
  if (!context.json) context.world.stderr(`${sentence}\n`);
}
