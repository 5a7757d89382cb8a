/** The window for new nodes: opened for a while, closed by itself; whoever says hello is let in by a person who has compared its words. */
import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useWords } from "../../shared/language.tsx";
import { askAnew } from "../../shared/query.ts";
import { useCommand } from "../../shared/use-command.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import type { NodesView } from "../staff/wire.ts";

const windowMs = 240_000;
const askEveryMs = 2000;
type Newcomer = NodesView["newcomers"][number];

export function Newcomers({ view }: { readonly view: NodesView }) {
  const { t, plural } = useWords();
  const nowMs = useHubNow();
  const { state, give } = useGive();
  const [adopting, setAdopting] = useState<Newcomer>();
  const isOpen = view.windowUntilMs !== null && view.windowUntilMs > nowMs;
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => void askAnew(), askEveryMs);
    return () => clearInterval(timer);
  }, [isOpen]);
  return (
    <Section
      title={t("newcomers.title")}
      count={view.newcomers.length}
      empty={t(isOpen ? "newcomers.listening" : "newcomers.closed")}
      action={
        <>
          {isOpen && <span className="quiet">{plural("plural.seconds", Math.round(((view.windowUntilMs ?? 0) - nowMs) / 1000))}</span>}
          <Button
            size="xs"
            variant={isOpen ? "default" : "filled"}
            loading={state.kind === "sent"}
            onClick={() => (isOpen ? give("closeEnrolment", {}) : give("openEnrolment", { forMs: windowMs }))}
          >
            {t(isOpen ? "newcomers.close" : "newcomers.open")}
          </Button>
        </>
      }
    >
      <ul className="rows">
        {view.newcomers.map((one) => (
          <li key={one.fp} className="row">
            <div className="row-text">
              <p>
                <strong>{one.words}</strong>
              </p>
              <p className="quiet">
                {one.model} · {one.firmware} · {one.channels.map(({ ch }) => ch).join(", ")}
              </p>
            </div>
            <div className="row-act">
              {one.adoptedAs === null ? (
                <Button size="xs" onClick={() => setAdopting(one)}>
                  {t("newcomers.adopt")} … <span className="visually-hidden">{one.words}</span>
                </Button>
              ) : (
                <span className="quiet">{t("newcomers.adopted", { node: one.adoptedAs })}</span>
              )}
            </div>
          </li>
        ))}
      </ul>
      {adopting !== undefined && <AdoptDialog one={adopting} hubWords={view.hubWords} onClose={() => setAdopting(undefined)} />}
    </Section>
  );
}

type AdoptProps = { readonly one: Newcomer; readonly hubWords: string; readonly onClose: () => void };

function AdoptDialog({ one, hubWords, onClose }: AdoptProps) {
  const { t } = useWords();
  const command = useCommand();
  const adopt = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { node: form.get("node"), label: form.get("label"), kind: form.get("kind") };
    const { kind } = await command.send(`/api/newcomers/${encodeURIComponent(one.fp)}/adopt`, body);
    void askAnew();
    if (kind === "done") onClose();
  };
  const kinds = new Set(one.channels.map(({ kind }) => kind));
  const guess = kinds.size > 1 ? "mixed" : kinds.has("door") ? "door" : "machine";
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("newcomers.adopt_title")}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("power.close") }}
      transitionProps={{ duration: 0 }}
    >
      <form onSubmit={adopt}>
        <Stack>
          <Text>{t("newcomers.compare")}</Text>
          <Text fw={700}>{one.words}</Text>
          <Text c="dimmed">{t("newcomers.hub_words", { words: hubWords })}</Text>
          <TextInput
            name="node"
            label={t("newcomers.node")}
            description={t("newcomers.node_hint")}
            required
            pattern="[a-z0-9][a-z0-9\-]*"
            maxLength={32}
            data-autofocus
            autoComplete="off"
          />
          <TextInput name="label" label={t("newcomers.label")} maxLength={60} autoComplete="off" />
          <NativeSelect
            name="kind"
            label={t("newcomers.kind")}
            defaultValue={guess}
            data={(["door", "machine", "mixed"] as const).map((value) => ({ value, label: t(`nodes.kind_${value}`) }))}
          />
          <CommandNote state={command.state} sent={t("give.sent")} done={t("give.done")} unconfirmed={t("door.unconfirmed")} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("lock.cancel")}
            </Button>
            <Button type="submit" loading={command.state.kind === "sent"}>
              {t("newcomers.same")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
