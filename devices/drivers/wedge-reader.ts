/**
 * A keyboard-wedge reader as a card reader: key strokes become lines, lines of its own format become cards. A number has no check
 * digit, so one whose beginning may be missing is another card: after a replug, lost events or rubbish it hears again from the next
 * silence on.
 */
import { type CardReaderPort, createReaderEvents, readOf } from "./card-reader.ts";
import type { ByteSource } from "./input-device.ts";
import { createInputEventParser, type InputHeard } from "./input-event.ts";
import { createWedgeParser, type WedgeLine, type WedgeSetting, wedgeCardNumber, wedgeSilenceMs } from "./wedge.ts";

/** The device belongs to the reader and closes with it. */
export function openWedge(device: ByteSource, { format }: { readonly format: WedgeSetting }): CardReaderPort & { bufferedBytes(): number } {
  const events = createReaderEvents(null);
  const input = createInputEventParser();
  const lines = createWedgeParser();
  let lastMs = 0;
  let isDeaf = false;
  let silenceTimer: NodeJS.Timeout | undefined;

  const take = (heard: readonly WedgeLine[]): void => {
    // What a person types on it is nobody's number; that somebody does is worth a count.
    for (const line of heard)
      events.read(line.kind === "typing" ? { kind: "unreadable" } : readOf(wedgeCardNumber(line.text, format), `wedge:${line.text}`));
  };
  const forget = (): void => {
    clearTimeout(silenceTimer);
    input.reset();
    lines.reset();
  };
  const awaitSilence = (): void => {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(() => {
      isDeaf = false;
      input.reset();
      take(lines.pass(lastMs + wedgeSilenceMs + 1));
    }, wedgeSilenceMs);
  };
  const hear = (heard: InputHeard): void => {
    if (heard.kind !== "key") {
      if (!isDeaf) events.read({ kind: "unreadable" });
      isDeaf = true;
      lines.reset();
    } else if (!isDeaf) {
      lastMs = heard.atMs;
      take(lines.key(heard.character, heard.atMs));
    }
  };
  device.onBytes((bytes) => {
    for (const heard of input.feed(bytes)) hear(heard);
    awaitSilence();
  });
  device.onState((state) => {
    forget();
    isDeaf = true;
    if (state.kind === "open") {
      awaitSilence();
      events.enter("ready");
    } else events.enter("lost", state.why);
  });
  return {
    onRead: events.onRead,
    onState: events.onState,
    bufferedBytes: () => input.bufferedBytes() + lines.bufferedCharacters(),
    async close() {
      forget();
      events.stop();
      await device.close();
    },
  };
}
