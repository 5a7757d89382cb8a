/** Who waits to learn what, who may teach it, whose training ends soon, and the classes to come. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { dayOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow, useLive } from "../../shared/use-live.ts";
import type { LiveChange } from "../../shared/wire.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import { SignOffDialog } from "../staff/SignOffDialog.tsx";
import { type TrainingsView, trainingsView } from "../staff/wire.ts";
import { ClassSheet } from "./ClassSheet.tsx";

const touchesTrainings = ({ kind }: LiveChange): boolean => kind === "feed";

export function TrainingsPage() {
  const { t } = useWords();
  const { data, problem } = useRead("/api/trainings", trainingsView, touchesTrainings);
  return (
    <div className="page">
      <PageHead title={t("nav.trainings")} />
      <ProblemAlert problem={problem} />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data !== undefined && (
        <div className="halves">
          <div className="now-main">
            <Queue view={data} />
            <Courses courses={data.courses} />
          </div>
          <div className="now-side">
            <Classes view={data} />
            <Expiring expiring={data.expiring} />
          </div>
        </div>
      )}
    </div>
  );
}

function Queue({ view }: { readonly view: TrainingsView }) {
  const words = useWords();
  const { t, plural } = words;
  const zone = useLive().snapshot?.site.zone ?? "UTC";
  const nowMs = useHubNow();
  const { state, give } = useGive();
  const [signing, setSigning] = useState<TrainingsView["queue"][number]>();
  return (
    <Section title={t("queue.title")} count={view.queue.length} empty={t("queue.none")}>
      <ul className="rows" data-testid="queue">
        {view.queue.map((one) => (
          <li key={`${one.who.member} ${one.course.id}`} className="row">
            <div className="row-text">
              <p>
                <PageLink to={`/people/${one.who.member}`}>{one.who.name}</PageLink> <span>{one.course.label}</span>
              </p>
              <p className="quiet">
                {[
                  one.signedUp === null ? null : t("queue.signed_up", { time: timeOf(Date.parse(one.signedUp), zone, words, { nowMs }) }),
                  one.times > 0 ? t("queue.refused", { times: plural("plural.times", one.times) }) : null,
                ]
                  .filter((text) => text !== null)
                  .join(" · ")}
              </p>
            </div>
            <div className="row-act">
              <Button size="xs" variant="default" onClick={() => setSigning(one)}>
                {t("signoff.open")} … <span className="visually-hidden">{one.who.name}</span>
              </Button>
            </div>
          </li>
        ))}
      </ul>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {signing !== undefined && (
        <SignOffDialog
          title={t("signoff.title", { name: signing.who.name })}
          courses={view.courses}
          course={signing.course.id}
          onClose={() => setSigning(undefined)}
          onSigned={(signed) => void give("grantTraining", { member: signing.who.member, ...signed })}
        />
      )}
    </Section>
  );
}

function Courses({ courses }: Pick<TrainingsView, "courses">) {
  const words = useWords();
  const { t, plural } = words;
  const zone = useLive().snapshot?.site.zone ?? "UTC";
  const nowMs = useHubNow();
  return (
    <Section title={t("courses.title")} count={courses.length} empty={t("courses.none")}>
      <ul className="rows">
        {courses.map(({ id, label, machines, teachers, valid, validityMonths, nextClass }) => (
          <li key={id} className="row">
            <div className="row-text">
              <p>
                <strong>{label}</strong> <span className="quiet">{plural("plural.trained", valid)}</span>
              </p>
              <p className="quiet">
                {[
                  machines.map((machine) => machine.label).join(", "),
                  validityMonths === null ? null : t("courses.months", { count: validityMonths }),
                  nextClass === null ? null : t("courses.next", { time: timeOf(nextClass.fromMs, zone, words, { nowMs }) }),
                ]
                  .filter((text) => text !== null && text !== "")
                  .join(" · ")}
              </p>
              <p>
                {teachers.length === 0 ? (
                  <strong className="warn">{t("machine.teachers_none")}</strong>
                ) : (
                  <>
                    {t("machine.teachers")}: {teachers.map(({ name }) => name).join(", ")}
                    {teachers.length === 1 && <span className="quiet"> · {t("courses.one_teacher")}</span>}
                  </>
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Classes({ view }: { readonly view: TrainingsView }) {
  const words = useWords();
  const { t, plural } = words;
  const zone = useLive().snapshot?.site.zone ?? "UTC";
  const nowMs = useHubNow();
  const [open, setOpen] = useState<string>();
  const chosen = view.classes.find((one) => one.class === open);
  return (
    <Section title={t("classes.title")} count={view.classes.length} empty={t("classes.none")}>
      <ul className="rows">
        {view.classes.map((one) => (
          <li key={one.class} className="row">
            <div className="row-text">
              <p>
                <strong>{one.label}</strong>
              </p>
              <p className="quiet">
                {timeOf(one.fromMs, zone, words, { nowMs })}–{timeOf(one.untilMs, zone, words)} ·{" "}
                {plural("plural.people", one.enrolled.length)}
              </p>
            </div>
            <div className="row-act">
              <Button size="xs" variant="default" onClick={() => setOpen(one.class)}>
                {t("classes.open")} <span className="visually-hidden">{one.label}</span>
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {chosen !== undefined && <ClassSheet one={chosen} courses={view.courses} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}

function Expiring({ expiring }: Pick<TrainingsView, "expiring">) {
  const words = useWords();
  const { t } = words;
  return (
    <Section title={t("expiring.title")} count={expiring.length} empty={t("expiring.none")}>
      <ul className="rows">
        {expiring.map(({ who, course, validThrough }) => (
          <li key={`${who.member} ${course.id}`} className="row">
            <div className="row-text">
              <p>
                <PageLink to={`/people/${who.member}`}>{who.name}</PageLink> <span>{course.label}</span>
              </p>
            </div>
            <time dateTime={validThrough}>{dayOf(validThrough, "UTC", words)}</time>
          </li>
        ))}
      </ul>
    </Section>
  );
}
