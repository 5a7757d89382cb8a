/** A project of a funder, new or told anew. */
import { FileInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { FormDialog, fieldOf, slugOf } from "./FormDialog.tsx";
import type { ProjectView } from "./wire.ts";

const logoBytesMost = 200_000;

type ProjectProps = {
  /** undefined: a new one */
  readonly project?: ProjectView;
  readonly taken: readonly string[];
  readonly onClose: () => void;
  readonly onProject: (input: { readonly project: string }) => void;
};

export function ProjectDialog({ project, taken, onClose, onProject }: ProjectProps) {
  const { t } = useWords();
  const [logo, setLogo] = useState<string | null>(project?.logo ?? null);
  const [isBad, setBad] = useState(false);
  const read = async (file: File | null): Promise<void> => {
    const made = file === null ? null : await pngOf(file);
    setBad(file !== null && made === null);
    setLogo(made);
  };
  return (
    <FormDialog
      title={project === undefined ? t("projects.add") : t("projects.edit", { name: project.label })}
      submit={t("form.save")}
      isReady={!isBad}
      onClose={onClose}
      onForm={(form) => {
        const of = (name: string): string => fieldOf(form, name);
        const label = of("label");
        onProject({
          ...{ project: project?.project ?? slugOf(label, taken), label, funder: of("funder"), number: of("number"), logo },
          ...{ programme: of("programme"), from: of("from"), through: of("through"), publicity: of("publicity") },
        });
        return true;
      }}
    >
      <TextInput name="label" label={t("projects.name")} defaultValue={project?.label} required maxLength={120} data-autofocus />
      <TextInput name="funder" label={t("projects.funder")} defaultValue={project?.funder} required maxLength={60} />
      <TextInput name="programme" label={t("projects.programme")} defaultValue={project?.programme} maxLength={120} />
      <TextInput name="number" label={t("projects.number")} defaultValue={project?.number} maxLength={60} />
      <TextInput name="from" type="date" label={t("projects.from")} defaultValue={project?.from} required />
      <TextInput name="through" type="date" label={t("projects.through")} defaultValue={project?.through} required />
      <Textarea name="publicity" label={t("projects.publicity")} defaultValue={project?.publicity} maxLength={600} rows={2} />
      <FileInput
        label={t("projects.logo")}
        accept="image/png"
        clearable
        error={isBad ? t("projects.logo_bad") : undefined}
        onChange={(file) => void read(file)}
      />
    </FormDialog>
  );
}

/** In base64; null for what is no PNG, or too large. */
async function pngOf(file: File): Promise<string | null> {
  if (file.size > logoBytesMost) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.startsWith("iVBORw0KGgo") ? text : null;
}
