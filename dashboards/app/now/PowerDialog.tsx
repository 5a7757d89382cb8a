/** Power of one machine over the page one is on. */
import { Modal } from "@mantine/core";
import { useWords } from "../../shared/language.tsx";
import type { Machine } from "../../shared/wire.ts";
import { PowerPanel } from "./PowerPanel.tsx";

type PowerDialogProps = { readonly machine: Machine; readonly zone: string; readonly onClose: () => void };

export function PowerDialog({ machine, zone, onClose }: PowerDialogProps) {
  const { t } = useWords();
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      centered
      lockScroll={false}
      title={t("power.title", { name: machine.label })}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <PowerPanel machine={machine.id} zone={zone} />
    </Modal>
  );
}
