/** What a member has learned: sign-off in the name of whoever taught, an end with a reason, and back again. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { dayOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import { ReasonDialog } from "../staff/ReasonDialog.tsx";
import { SignOffDialog } from "../staff/SignOffDialog.tsx";
import { type PersonDetail, trainingsView } from "../staff/wire.ts";

type PersonTraining = PersonDetail["trainings"][number];

export function PersonTrainings({ person }: { readonly person: PersonDetail }) {
  const words = useWords();
  const { t } = words;
  const { state, give } = useGive();
  const { data } = useRead("/api/trainings", trainingsView);
  const [ending, setEnding] = useState<PersonTraining>();
  const [isSigning, setSigning] = useState(false);
  const { member, trainings } = person;
  return (
    <Section
      title={t("nav.trainings")}
      count={trainings.length}
      empty={t("trainings.none_of")}
      action={
        <Button size="xs" disabled={data === undefined || data.courses.length === 0} onClick={() => setSigning(true)}>
          {t("signoff.open")} …
        </Button>
      }
    >
      <ul className="rows" data-testid="trainings">
        {trainings.map((one) => (
          <li key={one.course.id} className="row" data-state={one.state}>
            <div className="row-text">
              <p>
                <strong>{one.course.label}</strong>{" "}
                <span>{t(one.state === "valid" ? `result.${one.result}` : `training.${one.state}`)}</span>
              </p>
              <p className="quiet">
                {t("trainings.by", { name: one.by.name, day: dayOf(one.on, "UTC", words) })}
                {one.validThrough !== null && ` · ${t("trainings.until", { day: dayOf(one.validThrough, "UTC", words) })}`}
              </p>
            </div>
            <div className="row-act">
              {one.state === "valid" && (
                <Button size="xs" variant="default" onClick={() => setEnding(one)}>
                  {t("trainings.revoke")} … <span className="visually-hidden">{one.course.label}</span>
                </Button>
              )}
              {one.state === "revoked" && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => give("restoreTraining", { member, course: one.course.id, reason: "revoked by mistake" })}
                >
                  {t("trainings.restore")} <span className="visually-hidden">{one.course.label}</span>
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
      {ending !== undefined && (
        <ReasonDialog
          title={t("trainings.revoke_of", { course: ending.course.label, name: person.name })}
          submit={t("trainings.revoke")}
          onClose={() => setEnding(undefined)}
          onReason={(reason) => void give("revokeTraining", { member, course: ending.course.id, reason })}
        />
      )}
      {isSigning && data !== undefined && (
        <SignOffDialog
          title={t("signoff.title", { name: person.name })}
          courses={data.courses}
          onClose={() => setSigning(false)}
          onSigned={(signed) => void give("grantTraining", { member, ...signed })}
        />
      )}
    </Section>
  );
}
