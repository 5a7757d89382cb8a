/** A problem with a machine: which, and what. Nobody has to say who they are. */
import { type FormEvent, useState } from "react";
import type { Hub, Picture } from "./hub.ts";
import { problemText, type Say } from "./words.ts";

type ReportProps = {
  readonly hub: Hub;
  readonly say: Say;
  readonly language: string;
  readonly machines: Picture["machines"];
  readonly onDone: () => void;
};

export function ReportStep({ hub, say, language, machines, onDone }: ReportProps) {
  const [problem, setProblem] = useState<unknown>();
  const [isDone, setDone] = useState(false);
  const [isSending, setSending] = useState(false);
  const { compare } = new Intl.Collator(language, { numeric: true });
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSending(true);
    setProblem(undefined);
    await hub.report(String(form.get("machine")), String(form.get("reason"))).then(() => setDone(true), setProblem);
    setSending(false);
  };
  if (isDone)
    return (
      <>
        <h1>{say("done")}</h1>
        <p role="status">{say("reported")}</p>
        <button type="button" className="main" onClick={onDone}>
          {say("back")}
        </button>
      </>
    );
  return (
    <form onSubmit={send}>
      <h1>{say("report")}</h1>
      {machines.length === 0 && <p>{say("no_machines")}</p>}
      <fieldset>
        <legend>{say("machine")}</legend>
        {[...machines]
          .sort((a, b) => compare(a.label, b.label))
          .map(({ id, label }) => (
            <label key={id} className="pick">
              <input type="radio" name="machine" value={id} required />
              <span>{label}</span>
            </label>
          ))}
      </fieldset>
      <label>
        {say("what")}
        <textarea name="reason" rows={3} minLength={3} maxLength={160} required autoComplete="off" />
      </label>
      <p className="quiet">{say("what_hint")}</p>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problemText(problem, say)}
        </p>
      )}
      <div className="row">
        <button type="button" onClick={onDone}>
          {say("back")}
        </button>
        <button type="submit" className="main" disabled={isSending || machines.length === 0}>
          {say("send")}
        </button>
      </div>
    </form>
  );
}
