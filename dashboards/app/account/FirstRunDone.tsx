/** The hub has an owner: see it alive with simulated people first, or go on to the real thing. */
import { Button, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { get, post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { simulation } from "../../shared/wire.ts";
import { Card } from "./Card.tsx";

export function FirstRunDone({ space, onDone }: { readonly space: string; readonly onDone: () => Promise<void> }) {
  const { t } = useWords();
  const [available, setAvailable] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [sending, setSending] = useState(false);
  useEffect(() => {
    get("/api/demo", simulation).then((found) => setAvailable(found.available), setProblem);
  }, []);

  const simulate = async (): Promise<void> => {
    setSending(true);
    try {
      await post("/api/demo/start", {}, simulation);
      await onDone();
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
          <Button size="md" loading={sending} onClick={simulate} autoFocus>
            {t("first.simulate")}
          </Button>
        )}
        <Button size="md" variant={available ? "default" : "filled"} onClick={onDone}>
          {t("first.real")}
        </Button>
      </Stack>
    </Card>
  );
}
