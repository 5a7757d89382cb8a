/** The lane that may make a sound: what waits for staff, the most urgent first, each with at most two things to do about it. */
import { Button, Switch } from "@mantine/core";
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ToneIcon } from "../../shared/status-mark.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow } from "../../shared/use-live.ts";
import { CommandNote } from "./CommandNote.tsx";
import type { NeedAction, NeedRow } from "./needs.ts";
import { Section } from "./Section.tsx";
import { useNeedSound } from "./use-need-sound.ts";

type LaneProps = { readonly rows: readonly NeedRow[]; readonly zone: string; readonly stale: boolean };

export function NeedsLane({ rows, zone, stale }: LaneProps) {
  const { t, plural } = useWords();
  const sound = useNeedSound(rows);
  return (
    <Section
      title={t("need.title")}
      count={rows.length}
      empty={t(stale ? "need.unknown" : "need.none")}
      action={
        <Switch size="sm" label={t("need.sound")} checked={sound.isOn} onChange={(event) => sound.turn(event.currentTarget.checked)} />
      }
    >
      <ul className="rows needs" aria-label={plural("plural.needs", rows.length)}>
        {rows.map((row) => (
          <NeedLine key={row.id} row={row} zone={zone} stale={stale} />
        ))}
      </ul>
    </Section>
  );
}

function NeedLine({ row, zone, stale }: { readonly row: NeedRow; readonly zone: string; readonly stale: boolean }) {
  const words = useWords();
  const { t, plural, reason } = words;
  const nowMs = useHubNow();
  const give = useGive();
  const order = useCommand();
  const state = order.state.kind === "ready" ? give.state : order.state;
  const act = (action: NeedAction): void => {
    if (action.kind === "command") void give.give(action.name, action.input);
    if (action.kind === "order") void order.send(`/api/doors/${action.door}/order`, { order: "acknowledge" });
  };
  const details = [
    row.who,
    row.reason === null ? null : reason(row.reason)[0],
    row.note,
    row.count > 1 ? plural("plural.times", row.count) : null,
  ].filter((text) => text !== null && text !== "");
  return (
    <li className="row" data-testid={`need-${row.id}`}>
      <ToneIcon tone={row.tone} />
      <div className="row-text">
        <p>
          <strong>{row.where}</strong> <span>{t(row.title)}</span>
        </p>
        {details.length > 0 && <p className="quiet">{details.join(" · ")}</p>}
        <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed={t("door.unconfirmed")} />
      </div>
      {row.atMs !== null && <time dateTime={new Date(row.atMs).toISOString()}>{timeOf(row.atMs, zone, words, { nowMs })}</time>}
      <div className="row-act">
        {row.actions.map((action) =>
          action.kind === "open" ? (
            <PageLink key={action.label} to={action.to} className="button">
              {t(action.label)} <span className="visually-hidden">{row.where}</span>
            </PageLink>
          ) : (
            <Button
              key={action.label}
              size="xs"
              variant="default"
              disabled={stale}
              loading={state.kind === "sent"}
              onClick={() => act(action)}
            >
              {t(action.label)} <span className="visually-hidden">{row.where}</span>
            </Button>
          ),
        )}
      </div>
    </li>
  );
}
