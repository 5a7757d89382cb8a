/** A card of one's own: say who you are for this one thing, then hold the card to the reader beside the tablet. */
import { type FormEvent, useEffect, useState } from "react";
import type { Hub } from "./hub.ts";
import { type Key, problemText, type Say } from "./words.ts";

const askEveryMs = 700;
type CardProps = { readonly hub: Hub; readonly say: Say; readonly reader: string; readonly onDone: () => void };
type End = "done" | "refused" | "over";
const endWords: Readonly<Record<End, Key>> = { done: "card_done", refused: "card_refused", over: "card_over" };

export function CardStep({ hub, say, reader, onDone }: CardProps) {
  const [capture, setCapture] = useState<number>();
  const [end, setEnd] = useState<End>();
  const [problem, setProblem] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  useEffect(() => {
    if (capture === undefined) return;
    const timer = setInterval(() => {
      hub.card(capture).then(({ state }) => {
        if (state === "waiting") return;
        setEnd(state);
        setCapture(undefined);
      }, setProblem);
    }, askEveryMs);
    return () => clearInterval(timer);
  }, [hub, capture]);
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSending(true);
    setProblem(undefined);
    await hub.askCard(String(form.get("mail")), String(form.get("password"))).then((asked) => setCapture(asked.capture), setProblem);
    setSending(false);
  };
  const trouble = problem !== undefined && (
    <p className="problem" role="alert">
      {problemText(problem, say)}
    </p>
  );
  if (capture !== undefined || end !== undefined)
    return (
      <>
        <h1>{say("card")}</h1>
        <p role="status" className="big">
          {end === undefined ? say("hold", { reader }) : say(endWords[end])}
        </p>
        {trouble}
        <button type="button" className="main" onClick={onDone}>
          {say("back")}
        </button>
      </>
    );
  return (
    <form onSubmit={send} autoComplete="off">
      <h1>{say("card")}</h1>
      <label>
        {say("mail")}
        <input type="email" name="mail" maxLength={254} required autoComplete="off" spellCheck={false} />
      </label>
      <label>
        {say("password")}
        <input type="password" name="password" maxLength={128} required autoComplete="off" />
      </label>
      <p className="quiet">{say("card_hint")}</p>
      {trouble}
      <div className="row">
        <button type="button" onClick={onDone}>
          {say("back")}
        </button>
        <button type="submit" className="main" disabled={isSending}>
          {say("next")}
        </button>
      </div>
    </form>
  );
}
