/** What went wrong, in the reader's language where it is known, in the hub's words otherwise. */
import { Alert } from "@mantine/core";
import { ApiProblem } from "./api.ts";
import { useWords, type Words } from "./language.tsx";

export function ProblemAlert({ problem }: { readonly problem: unknown }) {
  const words = useWords();
  if (problem === undefined || problem === null) return null;
  return (
    <Alert role="alert" variant="outline" color="red.9" title={words.t("problem.title")} className="problem">
      {sentenceOf(problem, words)}
    </Alert>
  );
}

export function sentenceOf(problem: unknown, { t, knows }: Words): string {
  if (!(problem instanceof ApiProblem)) return String(problem);
  const key = `problem.${problem.code}`;
  return knows(key) ? t(key) : `${problem.message} ${problem.fix}`.trim();
}
