/** Who may be in the building, for whoever counts heads: on the page while the space is evacuated, and asked anew every ten seconds. */
import { useEffect, useState } from "react";
import type * as z from "zod";
import { get } from "../../shared/api.ts";
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useHubNow } from "../../shared/use-live.ts";
import { muster } from "../../shared/wire.ts";
import { Section } from "./Section.tsx";

const askEveryMs = 10_000;

export function MusterList({ zone }: { readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const [list, setList] = useState<z.infer<typeof muster>>();
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    const ask = (): void => {
      get("/api/muster", muster).then((found) => {
        setList(found);
        setProblem(undefined);
      }, setProblem);
    };
    ask();
    const timer = setInterval(ask, askEveryMs);
    return () => clearInterval(timer);
  }, []);
  const time = (ms: number): string => timeOf(ms, zone, words, { nowMs });

  return (
    <>
      <ProblemAlert problem={problem} />
      {list !== undefined && (
        <Section title={t("muster.title")} count={list.people.length} empty={t("muster.empty")}>
          <p className="quiet">{t("muster.note", { time: time(list.asOfMs) })}</p>
          <table className="table muster">
            <thead>
              <tr>
                <th scope="col">{t("muster.who")}</th>
                <th scope="col">{t("muster.zone")}</th>
                <th scope="col">{t("muster.seen")}</th>
                <th scope="col">{t("muster.now")}</th>
              </tr>
            </thead>
            <tbody>
              {list.people.map((person) => (
                <tr key={person.member}>
                  <th scope="row">{person.name}</th>
                  <td>{person.zone ?? "–"}</td>
                  <td>{time(person.sinceMs)}</td>
                  <td>{person.outMs === null ? <b>{t("muster.in")}</b> : t("muster.out", { time: time(person.outMs) })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
    </>
  );
}
