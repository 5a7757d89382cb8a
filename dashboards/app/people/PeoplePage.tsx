/** Members: found by name or number, or by what is the matter with them; and a new one in two answers. */
import { Button, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useDeferredValue, useEffect, useState } from "react";
import { get } from "../../shared/api.ts";
import { dayOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { go } from "../../shared/route.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow, useLive } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { memberAdded, type PersonRow, peoplePart } from "../staff/wire.ts";
import { personMark } from "./words.ts";

const shows = ["all", "active", "hold", "ending", "no_training", "left"] as const;

export function PeoplePage() {
  const { t } = useWords();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text);
  const [show, setShow] = useState<(typeof shows)[number]>("all");
  const [isAdding, setAdding] = useState(false);
  const question = `/api/people?q=${encodeURIComponent(wanted)}&show=${show}`;
  const { data, problem, isPrevious } = useRead(question, peoplePart);
  const [more, setMore] = useState<{ readonly rows: readonly PersonRow[]; readonly next: string | null }>();
  const [trouble, setTrouble] = useState<unknown>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has another list
  useEffect(() => setMore(undefined), [question, data]);
  const rows = [...(data?.rows ?? []), ...(more?.rows ?? [])];
  const next = more === undefined ? data?.next : more.next;
  const on = (): void => {
    get(`${question}&after=${next}`, peoplePart).then(
      (found) => setMore({ rows: [...(more?.rows ?? []), ...found.rows], next: found.next }),
      (error: unknown) => setTrouble(error),
    );
  };
  return (
    <div className="page">
      <PageHead title={t("nav.people")}>
        <Button size="sm" onClick={() => setAdding(true)}>
          {t("people.add")}
        </Button>
      </PageHead>
      <ProblemAlert problem={trouble ?? problem} />
      <search className="filters">
        <TextInput label={t("people.find")} value={text} maxLength={60} onChange={(event) => setText(event.currentTarget.value)} />
        <NativeSelect
          label={t("log.show")}
          value={show}
          data={shows.map((value) => ({ value, label: t(`people.show_${value}`) }))}
          onChange={({ currentTarget: { value } }) => setShow(shows.find((one) => one === value) ?? "all")}
        />
      </search>
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data !== undefined && rows.length === 0 && (
        <p className="empty">{t(text === "" && show === "all" ? "people.none" : "people.nobody")}</p>
      )}
      {rows.length > 0 && (
        <div data-stale={isPrevious || undefined}>
          <PeopleTable rows={rows} />
        </div>
      )}
      {next !== null && next !== undefined && (
        <Button variant="default" className="start" onClick={on}>
          {t("people.more")}
        </Button>
      )}
      {isAdding && <AddDialog onClose={() => setAdding(false)} />}
    </div>
  );
}

function PeopleTable({ rows }: { readonly rows: readonly PersonRow[] }) {
  const words = useWords();
  const { t } = words;
  const zone = useLive().snapshot?.site.zone ?? "UTC";
  const nowMs = useHubNow();
  return (
    <table className="table stack people">
      <thead>
        <tr>
          <th scope="col">{t("session.who")}</th>
          <th scope="col">{t("filter.state")}</th>
          <th scope="col">{t("people.membership")}</th>
          <th scope="col" className="numeric">
            {t("people.cards")}
          </th>
          <th scope="col">{t("people.seen")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.member}>
            <th scope="row">
              <PageLink to={`/people/${row.member}`}>{row.name}</PageLink> <span className="quiet">#{row.member}</span>
            </th>
            <td>{personMark(row, words)}</td>
            <td data-label={t("people.membership")}>
              {row.plan === null
                ? t("people.no_plan")
                : row.validThrough === null
                  ? row.plan
                  : `${row.plan} → ${dayOf(row.validThrough, "UTC", words)}`}
            </td>
            <td className="numeric" data-label={t("people.cards")}>
              {row.cards}
            </td>
            <td data-label={t("people.seen")}>{row.lastSeenMs === null ? "–" : timeOf(row.lastSeenMs, zone, words, { nowMs })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AddDialog({ onClose }: { readonly onClose: () => void }) {
  const { t, language } = useWords();
  const { state, give } = useGive();
  const add = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const displayName = String(new FormData(event.currentTarget).get("name")).trim();
    const added = memberAdded.safeParse(await give("addMember", { displayName, locale: language }));
    if (added.success) go(`/people/${added.data.member}`);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("people.add")}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <form onSubmit={add}>
        <Stack>
          <TextInput name="name" label={t("people.name")} required maxLength={60} data-autofocus autoComplete="off" />
          <CommandNote state={state} sent={t("give.sent")} done="" unconfirmed="" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("lock.cancel")}
            </Button>
            <Button type="submit" loading={state.kind === "sent"}>
              {t("people.add")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
