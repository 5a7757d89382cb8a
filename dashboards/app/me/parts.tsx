/** What the pages of a member have in common: the question about oneself, what went wrong, money and local times. */
import { Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords, type Words } from "../../shared/language.tsx";
import { ProblemAlert, sentenceOf } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import type { CommandState } from "../../shared/use-command.ts";
import { type Me, me } from "./wire.ts";

/** Members have no live stream: people are named in it. Their pages are asked anew when they come back to them. */
export function useMe(): { readonly data: Me | undefined; readonly problem: unknown } {
  const { language } = useWords();
  return useRead(`/api/me?language=${language}`, me);
}

export function MyFrame(props: { readonly title: string; readonly problem: unknown; readonly children: ReactNode }) {
  const { t } = useWords();
  return (
    <Stack maw={760} mx="auto" gap="lg">
      <Title order={1} fz="h2">
        {props.title}
      </Title>
      <ProblemAlert problem={props.problem} />
      {props.children ?? (props.problem === null ? <p className="quiet">{t("page.loading")}</p> : null)}
    </Stack>
  );
}

/** What became of a command of mine. */
export function MyNote({ state }: { readonly state: CommandState }) {
  const words = useWords();
  const text = state.kind === "done" ? words.t("me.done") : state.kind === "failed" ? sentenceOf(state.problem, words) : "";
  return (
    <output className="note" data-kind={state.kind}>
      {text}
    </output>
  );
}

export function moneyOf(cents: number, { language }: Words): string {
  return new Intl.NumberFormat(language, { style: "currency", currency: "EUR" }).format(cents / 100);
}

/** `Tue 1 Dec 18:00` */
export function dayTimeOf(atMs: number, zone: string, { language }: Words): string {
  const parts = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat(language, { ...parts, timeZone: zone }).format(atMs);
}

/** A date of the space, as its calendar has it. */
export function dateOf(date: string, { language }: Words): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(`${date}T00:00Z`));
}

/** `2026-12-01T18:00` in the space's zone, as `<input type="datetime-local">` has it. */
export function localOf(atMs: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    ...{ timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  } as const).format(atMs);
  return parts.replace(" ", "T");
}

/** The other way: twice, because the first guess may lie on the other side of a change of the clocks. NaN for no time. */
export function instantOf(local: string, zone: string): number {
  const wall = Date.parse(`${local}Z`);
  const offset = (at: number): number => Date.parse(`${localOf(at, zone)}Z`) - Math.floor(at / 60_000) * 60_000;
  return Number.isNaN(wall) ? Number.NaN : wall - offset(wall - offset(wall));
}
