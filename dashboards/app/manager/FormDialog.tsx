/** A question with fields, over the page. */
import { Button, Group, Modal, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useWords } from "../../shared/language.tsx";

type FormProps = {
  readonly title: string;
  readonly submit: string;
  readonly isReady?: boolean;
  readonly onClose: () => void;
  /** the dialog stays where it answers false */
  readonly onForm: (form: FormData) => boolean | undefined;
  readonly children?: ReactNode;
};

export function FormDialog({ title, submit, isReady = true, onClose, onForm, children }: FormProps) {
  const { t } = useWords();
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (onForm(new FormData(event.currentTarget)) !== false) onClose();
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
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("lock.cancel")}
            </Button>
            <Button type="submit" disabled={!isReady}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What stands in a field, without spaces around it. */
export const fieldOf = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();

/** A short name that nobody has to think of: `Tools for all` is `tools-for-all`. `taken`: those that exist. */
export function slugOf(label: string, taken: readonly string[]): string {
  const plain = label.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const base =
    plain
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, 40) || "new";
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!taken.includes(name)) return name;
  }
}

/** `12,50` and `12.50` are 1250 cents; undefined for what is no amount. */
export function centsOf(text: string): number | undefined {
  if (!/^\d{1,7}([.,]\d{1,2})?$/.test(text)) return undefined;
  return Math.round(Number(text.replace(",", ".")) * 100);
}
