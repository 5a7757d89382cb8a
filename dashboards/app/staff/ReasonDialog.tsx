/** Asks for a reason before something is done: whoever reads the record later will want it. */
import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useWords } from "../../shared/language.tsx";

type ReasonDialogProps = {
  readonly title: string;
  readonly label?: string;
  readonly hint?: string;
  readonly submit: string;
  readonly onClose: () => void;
  /** `form` has the fields of `children` too */
  readonly onReason: (reason: string, form: FormData) => void;
  readonly children?: ReactNode;
};

export function ReasonDialog({ title, label, hint, submit, onClose, onReason, children }: ReasonDialogProps) {
  const { t } = useWords();
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onClose();
    onReason(String(form.get("reason")).trim(), form);
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
      <form onSubmit={send}>
        <Stack>
          {children}
          <Textarea
            name="reason"
            label={label ?? t("lock.reason")}
            description={hint}
            required
            minLength={3}
            maxLength={160}
            autosize={false}
            rows={3}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("lock.cancel")}
            </Button>
            <Button type="submit">{submit}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
