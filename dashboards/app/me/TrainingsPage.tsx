/** `/me/trainings`: what I may use, until when, and the way to the rest. */
import { Card, Group, Stack } from "@mantine/core";
import { useWords } from "../../shared/language.tsx";
import { type Mark, StatusMark } from "../../shared/status-mark.tsx";
import { dateOf, dayTimeOf, MyFrame, useMe } from "./parts.tsx";
import type { Training } from "./wire.ts";

const marks: Readonly<Record<Training["state"], Mark>> = {
  valid: { letter: "✓", tone: "ok", word: "me.valid" },
  supervised: { letter: "S", tone: "wait", word: "me.supervised" },
  expired: { letter: "✕", tone: "alarm", word: "me.expired" },
  suspended: { letter: "Ⅱ", tone: "stop", word: "me.suspended" },
  missing: { letter: "–", tone: "none", word: "me.missing" },
};

export function TrainingsPage() {
  const { t } = useWords();
  const { data, problem } = useMe();
  return (
    <MyFrame title={t("nav.me_trainings")} problem={problem}>
      {data?.trainings.length === 0 && <p className="empty">{t("me.trainings_none")}</p>}
      <Stack component="ul" p={0} m={0}>
        {data?.trainings.map((training) => (
          <TrainingCard key={training.course} training={training} zone={data.zone} />
        ))}
      </Stack>
    </MyFrame>
  );
}

function TrainingCard({ training, zone }: { readonly training: Training; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const { nextClass } = training;
  return (
    <Card withBorder component="li" data-testid={`training-${training.course}`}>
      <Group justify="space-between" wrap="nowrap">
        <strong>{training.label}</strong>
        <StatusMark mark={marks[training.state]} />
      </Group>
      {training.validThrough !== null && <p>{t("me.until", { time: dateOf(training.validThrough, words) })}</p>}
      {training.machines.length > 0 && <p className="quiet">{t("me.for_machines", { machines: training.machines.join(", ") })}</p>}
      {training.state !== "valid" && (
        <Stack gap={2} mt="xs">
          {training.needs.length > 0 && <p>{t("me.needs", { courses: training.needs.join(", ") })}</p>}
          {nextClass !== null && <p>{t("me.next_class", { label: nextClass.label, time: dayTimeOf(nextClass.fromMs, zone, words) })}</p>}
          <p>{training.teachers.length === 0 ? t("me.teachers_none") : t("me.teachers", { names: training.teachers.join(", ") })}</p>
        </Stack>
      )}
    </Card>
  );
}
