/** What became of a command, under the button that sent it. "Not confirmed" is never called failed: nobody knows (domain.md §5.4). */
import { useWords } from "../../shared/language.tsx";
import { sentenceOf } from "../../shared/problem-alert.tsx";
import type { CommandState } from "../../shared/use-command.ts";

export function CommandNote({
  state,
  sent,
  done,
  unconfirmed,
}: {
  readonly state: CommandState;
  readonly sent: string;
  readonly done: string;
  readonly unconfirmed: string;
}) {
  const words = useWords();
  const text = textOf();
  return (
    <output className="note" data-kind={state.kind}>
      {text}
    </output>
  );

  function textOf(): string {
    switch (state.kind) {
      case "ready":
        return "";
      case "sent":
        return sent;
      case "done":
        return done;
      case "unconfirmed":
        return unconfirmed;
      case "rejected":
        return words.t("door.rejected", { why: state.sentence });
      case "failed":
        return sentenceOf(state.problem, words);
    }
  }
}
