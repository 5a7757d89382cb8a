/** Locks a machine out: with a reason that everybody will read at the machine, when it has finished or at once. */
import { Button, Group, Modal, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import { useWords } from "../../shared/language.tsx";
import type { useCommand } from "../../shared/use-command.ts";

export function LockDialog({
  machine,
  command,
  onClose,
}: {
  readonly machine: { readonly id: string; readonly label: string };
  readonly command: ReturnType<typeof useCommand>;
  readonly onClose: () => void;
}) {
  const { t } = useWords();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onClose();
    const until = String(form.get("until") ?? "").replace("T", " ");
    const reason = `${String(form.get("reason")).trim()}${until === "" ? "" : ` (→ ${until})`}`;
    void command.send(`/api/machines/${machine.id}/lock`, { reason, mode: form.get("mode") });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("lock.title", { name: machine.label })}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Textarea
            name="reason"
            label={t("lock.reason")}
            description={t("lock.reason_hint")}
            required
            minLength={3}
            maxLength={140}
            autosize={false}
            rows={3}
            data-autofocus
          />
          <TextInput type="datetime-local" name="until" label={t("lock.until")} description={t("lock.until_hint")} />
          <Radio.Group name="mode" label={t("lock.when")} defaultValue="when_idle">
            <Stack gap="xs" mt={6}>
              <Radio value="when_idle" label={t("lock.when_idle")} />
              <Radio value="immediate" label={t("lock.immediate")} />
            </Stack>
          </Radio.Group>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("lock.cancel")}
            </Button>
            <Button type="submit">{t("lock.submit")}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
