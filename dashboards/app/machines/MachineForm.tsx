/** What a machine is, asked once. Risk and cut hazard begin empty: whoever knows the machine chooses (domain.md D4). */
import { Button, NativeSelect, Radio, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useGive } from "../../shared/use-give.ts";
import { useLive } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { choices, type NodesView } from "../staff/wire.ts";
import { bench, type MachineTemplate } from "./wire.ts";

const risks = ["A", "B", "C"] as const;

type MachineFormProps = {
  readonly templates: readonly MachineTemplate[];
  /** those that are free; null: the simulated building finds one */
  readonly nodes: NodesView["nodes"] | null;
  readonly onMade: (made: { readonly machine: string; readonly label: string }) => void;
};

export function MachineForm({ templates, nodes, onMade }: MachineFormProps) {
  const words = useWords();
  const { t } = words;
  const { snapshot } = useLive();
  const { data: choice } = useRead("/api/choices", choices);
  const { state, give } = useGive();
  const [name, setName] = useState<MachineTemplate["name"]>("laser");
  const [label, setLabel] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const template = templates.find((one) => one.name === name);
  const shown = label ?? t(`machine_new.${name}`);

  const add = async (form: FormData): Promise<void> => {
    if (template === undefined) return;
    const at = nodes === null ? await post("/api/demo/bench", { like: name }, bench) : { node: form.get("node"), ch: form.get("ch") };
    const { name: _, ...proposed } = template;
    const course = String(form.get("course") ?? "");
    const machine = slugOf(shown, new Set(snapshot?.machines.map(({ id }) => id)));
    const added = await give("addMachine", {
      ...proposed,
      ...at,
      machine,
      label: shown,
      riskClass: form.get("risk"),
      cutHazard: form.get("cut") === "yes",
      course: course === "" ? null : course,
    });
    if (added !== undefined) onMade({ machine, label: shown });
  };
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    setSending(true);
    await add(new FormData(event.currentTarget)).catch(setProblem);
    setSending(false);
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        {nodes !== null && (
          <>
            <NativeSelect
              name="node"
              label={t("machine_new.node")}
              data={nodes.map(({ id, label: text }) => ({ value: id, label: text }))}
            />
            <TextInput
              name="ch"
              label={t("machine_new.channel")}
              description={t("machine_new.channel_hint")}
              defaultValue="machine"
              required
              pattern="[a-z0-9][a-z0-9\-]*"
              maxLength={32}
              autoComplete="off"
            />
          </>
        )}
        <NativeSelect
          label={t("machine_new.template")}
          description={t("machine_new.template_hint")}
          value={name}
          data={templates.map((one) => ({ value: one.name, label: t(`machine_new.${one.name}`) }))}
          onChange={({ currentTarget: { value } }) => setName(templates.find((one) => one.name === value)?.name ?? name)}
        />
        <TextInput
          label={t("machine_new.name")}
          value={shown}
          required
          maxLength={60}
          autoComplete="off"
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Radio.Group name="risk" label={t("machine_new.risk")} description={t("machine_new.risk_hint")} required>
          <Stack gap={0} mt={4}>
            {risks.map((risk) => (
              <Radio key={risk} value={risk} label={t(`machine_new.risk_${risk}`)} required className="choice" />
            ))}
          </Stack>
        </Radio.Group>
        <Radio.Group name="cut" label={t("machine_new.cut")} required>
          <Stack gap={0} mt={4}>
            {(["yes", "no"] as const).map((answer) => (
              <Radio key={answer} value={answer} label={t(`machine_new.${answer}`)} required className="choice" />
            ))}
          </Stack>
        </Radio.Group>
        {(choice?.courses.length ?? 0) > 0 && (
          <NativeSelect
            name="course"
            label={t("machine_new.course")}
            data={[
              { value: "", label: t("machine_new.course_none") },
              ...(choice?.courses ?? []).map(({ id, label: text }) => ({ value: id, label: text })),
            ]}
          />
        )}
        <ProblemAlert problem={problem} />
        <CommandNote state={state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
        <Button type="submit" size="md" loading={isSending}>
          {t("machine_new.submit")}
        </Button>
      </Stack>
    </form>
  );
}

/** `3D printeris` → `3d-printeris`, and the next number when that is taken. */
function slugOf(label: string, taken: ReadonlySet<string>): string {
  const plain = label
    .toLowerCase()
    .replaceAll("ø", "o")
    .replaceAll("æ", "ae")
    .normalize("NFD")
    .replaceAll(/[^a-z0-9]+/g, (cut) => (/^\p{M}+$/u.test(cut) ? "" : "-"))
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 28);
  const base = plain === "" ? "machine" : plain;
  if (!taken.has(base)) return base;
  let n = 2;
  while (taken.has(`${base}-${n}`)) n += 1;
  return `${base}-${n}`;
}
