/** Holds a simulated card to a simulated reader. Only there while something can be simulated. */
import { Button, NativeSelect } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { get, post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { type Role, type Simulation, simulation } from "../../shared/wire.ts";
import { CommandNote } from "./CommandNote.tsx";

export function SimulatedBadge({ role, simulated }: { readonly role: Role; readonly simulated: boolean }) {
  const { t } = useWords();
  const [state, setState] = useState<Simulation>();
  const [problem, setProblem] = useState<unknown>();
  const command = useCommand();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again when the building becomes simulated or real
  useEffect(() => {
    get("/api/demo", simulation).then(setState, setProblem);
  }, [simulated]);
  if (state === undefined || !state.available) return null;

  const turn = (what: "start" | "stop") => post(`/api/demo/${what}`, {}, simulation).then(setState, setProblem);
  const tap = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void command.send("/api/demo/tap", { card: form.get("card"), reader: form.get("reader") });
  };
  return (
    <section className="part" aria-label={t("demo.title")}>
      <h2>{t("demo.title")}</h2>
      {state.running && (
        <form className="badge-form" onSubmit={tap}>
          <NativeSelect
            name="card"
            size="xs"
            label={t("demo.card")}
            data={state.cards.map(({ card, label }) => ({ value: card, label }))}
          />
          <NativeSelect
            name="reader"
            size="xs"
            label={t("demo.reader")}
            data={state.readers.map(({ reader, label }) => ({ value: reader, label }))}
          />
          <Button type="submit" size="xs" loading={command.state.kind === "sent"}>
            {t("demo.tap")}
          </Button>
        </form>
      )}
      {state.running && <CommandNote state={command.state} sent="" done={t("demo.tapped")} unconfirmed={t("door.unconfirmed")} />}
      <ProblemAlert problem={problem} />
      {role === "owner" && (
        <Button size="xs" variant="default" className="start" onClick={() => turn(state.running ? "stop" : "start")}>
          {t(state.running ? "demo.stop" : "demo.start")}
        </Button>
      )}
    </section>
  );
}
