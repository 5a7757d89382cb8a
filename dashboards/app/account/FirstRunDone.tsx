/** The hub has an owner: see it alive with simulated people first, go on to a real reader, or bring back what was there. */
import { Button, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { get, post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { go } from "../../shared/route.ts";
import { simulation } from "../../shared/wire.ts";
import { newMachinePath } from "../paths.ts";
import { Card } from "./Card.tsx";

export function FirstRunDone({ space, onDone }: { readonly space: string; readonly onDone: () => Promise<void> }) {
  const { t } = useWords();
  const [available, setAvailable] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const [restoring, setRestoring] = useState(false);
  useEffect(() => {
    get("/api/demo", simulation).then((found) => setAvailable(found.available), setProblem);
  }, []);

  const begin = async (): Promise<void> => {
    go(newMachinePath);
    await onDone();
  };
  const simulate = async (): Promise<void> => {
    setSending(true);
    try {
      await post("/api/demo/start", {}, simulation);
      await begin();
    } catch (error) {
      setProblem(error);
      setSending(false);
    }
  };

  return (
    <Card>
      <Stack>
        <Title order={1} fz="h2">
          {t("first.done", { space })}
        </Title>
        <Text>{t("first.done_long")}</Text>
        <ProblemAlert problem={problem} />
        {available && (
          <Stack gap={4}>
            <Button size="md" loading={sending} onClick={simulate} autoFocus>
              {t("first.simulate")}
            </Button>
            <Text c="dimmed" size="sm">
              {t("first.try_long")}
            </Text>
          </Stack>
        )}
        <Stack gap={4}>
          <Button size="md" variant={available ? "default" : "filled"} onClick={begin}>
            {t("first.reader")}
          </Button>
          <Text c="dimmed" size="sm">
            {t("first.reader_long")}
          </Text>
        </Stack>
        <Button size="md" variant="default" aria-expanded={restoring} onClick={() => setRestoring(!restoring)}>
          {t("first.restore")}
        </Button>
        {restoring && (
          <Stack gap={4}>
            <Text>{t("first.restore_long")}</Text>
            <pre className="command">{restoreCommands}</pre>
          </Stack>
        )}
        <Button variant="subtle" onClick={onDone}>
          {t("first.real")}
        </Button>
      </Stack>
    </Card>
  );
}

const restoreCommands = `koprade restore space.kpb --data ./data-restored
koprade start --data ./data-restored`;
