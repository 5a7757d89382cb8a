/** Says what will be frozen, and wants the month typed: nobody closes one by a slip of the hand. */
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { DifferenceTable } from "./MonthHistory.tsx";
import { monthName } from "./values.tsx";
import type { MonthDesk } from "./wire.ts";

type CloseProps = {
  readonly desk: MonthDesk;
  /** else it is a revision, which says why */
  readonly isFirst: boolean;
  readonly onClose: () => void;
  readonly onConfirmed: (reason: string) => void;
};

export function CloseDialog({ desk, isFirst, onClose, onConfirmed }: CloseProps) {
  const words = useWords();
  const { t, plural } = words;
  const { month, hash, values, doubts, since } = desk;
  const [typed, setTyped] = useState("");
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (typed.trim() === month) onConfirmed(String(new FormData(event.currentTarget).get("reason") ?? "").trim());
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(isFirst ? "close.title" : "revise.title", { month: monthName(month, words) })}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <form onSubmit={send}>
        <Stack>
          <Text>{t("close.freezes")}</Text>
          <ul className="sentences">
            <li>{plural("plural.values", values)}</li>
            <li>{plural("plural.doubts", doubts.length)}</li>
            <li>
              SHA-256 <code>{hash.slice(0, 16)}…</code>
            </li>
          </ul>
          {!isFirst && <DifferenceTable month={month} changed={since.slice(0, 20)} />}
          {!isFirst && <Textarea name="reason" label={t("close.why")} required minLength={3} maxLength={160} rows={2} />}
          <TextInput
            label={t("close.type", { month })}
            value={typed}
            required
            autoComplete="off"
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("lock.cancel")}
            </Button>
            <Button type="submit" disabled={typed.trim() !== month}>
              {t(isFirst ? "month.close" : "month.revise")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
