/** A class on a tablet: everybody enrolled, one touch for how each did, and one press for the records of all of them. */
import { Button, Group, Modal, NativeSelect, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { useGive } from "../../shared/use-give.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import type { TrainingsView } from "../staff/wire.ts";

const results = ["passed", "supervised_only", "failed", "absent"] as const;
type Result = (typeof results)[number];
type SheetProps = {
  readonly one: TrainingsView["classes"][number];
  readonly courses: TrainingsView["courses"];
  readonly onClose: () => void;
};

export function ClassSheet({ one, courses, onClose }: SheetProps) {
  const { t } = useWords();
  const [course, setCourse] = useState(courses.find(({ nextClass }) => nextClass?.label === one.label)?.id ?? courses[0]?.id ?? "");
  const teachers = courses.find(({ id }) => id === course)?.teachers ?? [];
  const [by, setBy] = useState<string>();
  const teacher = by ?? String(teachers[0]?.member ?? "");
  const [said, setSaid] = useState<Readonly<Record<number, Result>>>({});
  const [isSending, setSending] = useState(false);
  const { state, give } = useGive();
  const sign = async (): Promise<void> => {
    setSending(true);
    for (const { member } of one.enrolled) {
      const result = said[member] ?? "absent";
      if (result === "absent") continue;
      if ((await give("grantTraining", { member, course, signedOffBy: Number(teacher), result })) === undefined) return setSending(false);
    }
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={one.label}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <Stack>
        <NativeSelect
          label={t("filter.course")}
          value={course}
          data={courses.map(({ id, label }) => ({ value: id, label }))}
          onChange={(event) => setCourse(event.currentTarget.value)}
        />
        {teachers.length === 0 ? (
          <Text>{t("signoff.no_teacher")}</Text>
        ) : (
          <NativeSelect
            label={t("signoff.by")}
            value={teacher}
            data={teachers.map(({ member, name }) => ({ value: String(member), label: name }))}
            onChange={(event) => setBy(event.currentTarget.value)}
          />
        )}
        {one.enrolled.length === 0 && <Text>{t("classes.nobody")}</Text>}
        {one.enrolled.map(({ member, name }) => (
          <div key={member} className="class-row">
            <strong id={`class-${member}`}>{name}</strong>
            <SegmentedControl
              aria-labelledby={`class-${member}`}
              value={said[member] ?? "absent"}
              onChange={(value) => setSaid({ ...said, [member]: results.find((result) => result === value) ?? "absent" })}
              data={results.map((value) => ({ value, label: t(value === "absent" ? "result.absent" : `result.${value}`) }))}
            />
          </div>
        ))}
        <CommandNote state={state} sent={t("give.sent")} done="" unconfirmed="" />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("lock.cancel")}
          </Button>
          <Button
            loading={isSending}
            disabled={teachers.length === 0 || Object.values(said).every((result) => result === "absent")}
            onClick={sign}
          >
            {t("classes.sign")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
