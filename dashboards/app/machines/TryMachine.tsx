/** The first card at a new machine: denied, made one's own, allowed, and the machine at work, each as the hub tells it. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords } from "../../shared/language.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { believable, useLive, useStaleSince } from "../../shared/use-live.ts";
import type { FeedItem } from "../../shared/wire.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { MachineTile } from "../now/MachineTile.tsx";
import type { SignedIn } from "../pages.ts";
import { useMine } from "./use-mine.ts";

/** The card of the simulated building that nobody has registered (hub/views.ts). */
const newCard = "new-card";

type TryMachineProps = {
  readonly machine: string;
  readonly label: string;
  readonly session: SignedIn;
  readonly isSimulated: boolean;
};

export function TryMachine({ machine: id, session, isSimulated }: TryMachineProps) {
  const words = useWords();
  const { t, reason } = words;
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  const command = useCommand();
  const tap = () => command.send("/api/demo/tap", { card: newCard, reader: id });
  const mine = useMine({ machine: id, session, ...(isSimulated ? { tap } : {}) });
  const machine = snapshot?.machines.find((one) => one.id === id);
  const node = snapshot?.nodes.find((one) => one.id === machine?.node);
  const isOnline = node?.status === "online" || node?.status === "syncing";
  const here = snapshot?.feed.filter(({ where }) => where === id) ?? [];
  const denied = here.find(({ kind }) => kind === "refused");
  const isAllowed = here.some(({ kind }) => kind === "granted") || (machine?.who ?? null) !== null;
  const button = (text: string): ReactNode =>
    isSimulated && (
      <Button onClick={tap} disabled={!isOnline || mine.isWaiting} loading={command.state.kind === "sent"}>
        {text}
      </Button>
    );

  return (
    <div className="halves">
      <ol className="steps" aria-live="polite">
        <li data-done={denied !== undefined || isAllowed || undefined}>
          <p>{isOnline ? t("try.hold") : t("try.starting")}</p>
          {denied === undefined && !isAllowed && button(t("try.tap"))}
          {denied !== undefined && <Denied item={denied} why={reason(denied.reason ?? "")[0]} text={t("try.denied", { why: "" })} />}
        </li>
        {(denied !== undefined || mine.isDone) && (
          <li data-done={mine.isDone || isAllowed || undefined}>
            <p>{t("try.mine_hint")}</p>
            {!mine.isDone && !isAllowed && (
              <Button onClick={mine.begin} loading={mine.isWaiting}>
                {t("try.mine")}
              </Button>
            )}
            {mine.isWaiting && !isSimulated && <p>{t("try.mine_wait")}</p>}
            {mine.isDone && <p>{t("try.mine_done")}</p>}
            {mine.isOver && <p>{t("try.mine_over")}</p>}
            <ProblemAlert problem={mine.problem} />
          </li>
        )}
        {mine.isDone && (
          <li data-done={isAllowed || undefined}>
            <p>{t("try.hold_again")}</p>
            {!isAllowed && button(t("try.tap_again"))}
            {isAllowed && (
              <p>
                <strong>{t("try.allowed")}</strong>
              </p>
            )}
          </li>
        )}
      </ol>
      <div className="now-side">
        {machine !== undefined && snapshot !== undefined && (
          <ul className="tiles">
            <MachineTile machine={machine} status={believable(machine.status, node, stale)} stale={stale} zone={snapshot.site.zone} />
          </ul>
        )}
        <CommandNote state={command.state} sent="" done="" unconfirmed={t("door.unconfirmed")} />
        {!isSimulated && <p className="quiet">{t("try.wiring", { machine: id })}</p>}
        {isAllowed && <WhatNext machine={id} />}
      </div>
    </div>
  );
}

function Denied({ item, text, why }: { readonly item: FeedItem; readonly text: string; readonly why: string }) {
  const { language } = useWords();
  return (
    <p>
      <strong>
        {text}
        {why}
      </strong>
      {item.nextStep[language] !== undefined && <span className="quiet"> {item.nextStep[language]}</span>}
    </p>
  );
}

function WhatNext({ machine }: { readonly machine: string }) {
  const { t } = useWords();
  return (
    <section className="part" aria-labelledby="what-next">
      <h2 id="what-next">{t("try.next")}</h2>
      <ul className="plain">
        <li>
          <PageLink to="/now">{t("try.now")}</PageLink>
        </li>
        <li>
          <PageLink to={`/machines/${machine}`}>{t("try.next_machine")}</PageLink>
        </li>
        <li>
          <PageLink to="/accounts">{t("try.next_owner")}</PageLink>
        </li>
        <li>{t("try.next_backup")}</li>
        <li>{t("try.next_wall")}</li>
      </ul>
    </section>
  );
}
