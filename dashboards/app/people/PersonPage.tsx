/** One member: how they stand, their cards, trainings, holds, memberships and visits, and what staff may do about each. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { dayOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { useLive, useStaleSince } from "../../shared/use-live.ts";
import type { LiveChange } from "../../shared/wire.ts";
import { LogLines } from "../log/LogLines.tsx";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import type { PageProps } from "../pages.ts";
import { ReasonDialog } from "../staff/ReasonDialog.tsx";
import { type PersonDetail, personDetail } from "../staff/wire.ts";
import { LookGate, useLook } from "./LookGate.tsx";
import { PersonCards } from "./PersonCards.tsx";
import { PersonMembership } from "./PersonMembership.tsx";
import { PersonTrainings } from "./PersonTrainings.tsx";
import { personMark, roleWord } from "./words.ts";

const touchesPeople = ({ kind }: LiveChange): boolean => kind === "feed" || kind === "session_ended";

/** Nobody's page opens without a reason, which they can read; within a quarter of an hour the same reason will do. */
export function PersonPage({ params }: PageProps) {
  const member = Number(params["member"]);
  const [look, begin] = useLook(member);
  return look === undefined ? <LookGate member={member} onReason={begin} /> : <PersonShown key={member} member={member} reason={look} />;
}

function PersonShown({ member, reason }: { readonly member: number; readonly reason: string }) {
  const words = useWords();
  const { t } = words;
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  const { data: person, problem } = useRead(`/api/people/${member}`, personDetail, touchesPeople, reason);
  const zone = snapshot?.site.zone ?? "UTC";
  const up = { to: "/people", label: t("nav.people") };
  if (person === undefined || person.member !== member)
    return (
      <div className="page">
        <PageHead title={`#${member}`} up={up} />
        {problem === null ? <p className="empty">{t("page.loading")}</p> : <ProblemAlert problem={problem} />}
      </div>
    );
  return (
    <div className="page" data-stale={stale || undefined}>
      <PageHead title={person.name} up={up} />
      <ProblemAlert problem={problem} />
      <p>
        <strong>{personMark(person, words)}</strong>
        <span className="quiet">
          {" "}
          · #{person.member}
          {person.roles.length > 0 && ` · ${person.roles.map((role) => roleWord(role, words)).join(", ")}`}
        </span>
      </p>
      <div className="halves">
        <div className="now-main">
          <PersonHolds person={person} zone={zone} />
          <PersonCards person={person} zone={zone} />
          <PersonTrainings person={person} />
          <PersonMembership person={person} />
        </div>
        <div className="now-side">
          <Section title={t("person.visits")} count={person.visits.length} empty={t("person.visits_none")}>
            <LogLines lines={person.visits} zone={zone} hide="who" />
          </Section>
        </div>
      </div>
    </div>
  );
}

function PersonHolds({ person, zone }: { readonly person: PersonDetail; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive();
  const [isOpen, setOpen] = useState(false);
  const { member, holds } = person;
  return (
    <Section
      title={t("holds.title")}
      count={holds.length}
      empty={t("holds.none")}
      action={
        <Button size="xs" variant="default" onClick={() => setOpen(true)}>
          {t("holds.add")} …
        </Button>
      }
    >
      <ul className="rows">
        {holds.map(({ place, reason, atMs, through }) => (
          <li key={`${place}${atMs}`} className="row">
            <div className="row-text">
              <p>
                <strong>{place === null ? t("holds.everywhere") : place}</strong> {reason}
              </p>
              <p className="quiet">
                {dayOf(atMs, zone, words)}
                {through !== null && ` → ${dayOf(through, "UTC", words)}`}
              </p>
            </div>
            <div className="row-act">
              <Button
                size="xs"
                variant="default"
                onClick={() => (place === null ? give("clearHold", { member }) : give("liftRestriction", { member, place }))}
              >
                {t("holds.lift")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {isOpen && (
        <ReasonDialog
          title={t("holds.add_of", { name: person.name })}
          submit={t("holds.add")}
          onClose={() => setOpen(false)}
          onReason={(reason) => void give("addHold", { member, reason })}
        />
      )}
    </Section>
  );
}
