/** Course, result, and in whose name: a sign-off is always a person's word. */
import { Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords } from "../../shared/language.tsx";
import type { TrainingsView } from "./wire.ts";

const results = ["passed", "supervised_only", "failed"] as const;
export type SignedOff = { readonly course: string; readonly signedOffBy: number; readonly result: string };

type SignOffProps = {
  readonly title: string;
  readonly courses: TrainingsView["courses"];
  /** the only course in question */
  readonly course?: string;
  readonly onClose: () => void;
  readonly onSigned: (signed: SignedOff) => void;
};

export function SignOffDialog({ title, courses, course: only, onClose, onSigned }: SignOffProps) {
  const { t } = useWords();
  const [course, setCourse] = useState(only ?? courses[0]?.id ?? "");
  const teachers = courses.find(({ id }) => id === course)?.teachers ?? [];
  const sign = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onClose();
    onSigned({ course, signedOffBy: Number(form.get("by")), result: String(form.get("result")) });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <form onSubmit={sign}>
        <Stack>
          <NativeSelect
            label={t("filter.course")}
            value={course}
            disabled={only !== undefined}
            data={courses.map(({ id, label }) => ({ value: id, label }))}
            onChange={(event) => setCourse(event.currentTarget.value)}
          />
          <NativeSelect name="result" label={t("signoff.result")} data={results.map((value) => ({ value, label: t(`result.${value}`) }))} />
          {teachers.length === 0 ? (
            <Text>{t("signoff.no_teacher")}</Text>
          ) : (
            <NativeSelect
              name="by"
              label={t("signoff.by")}
              data={teachers.map(({ member, name }) => ({ value: String(member), label: name }))}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("lock.cancel")}
            </Button>
            <Button type="submit" disabled={teachers.length === 0}>
              {t("signoff.submit")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
