/** Which page for whom: first run, sign in, or the pages of staff. */
import { Center, Loader, Stack, Text } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { get } from "../shared/api.ts";
import { useWords } from "../shared/language.tsx";
import { ProblemAlert } from "../shared/problem-alert.tsx";
import { go, usePath } from "../shared/route.ts";
import { type SessionState, sessionState } from "../shared/wire.ts";
import { FirstRunPage } from "./account/FirstRunPage.tsx";
import { LoginPage } from "./account/LoginPage.tsx";
import { LivePages } from "./LivePages.tsx";

const retryMs = 2000;

export function App() {
  const words = useWords();
  const path = usePath();
  const [session, setSession] = useState<SessionState>();
  const [problem, setProblem] = useState<unknown>();

  const ask = useCallback(async () => {
    try {
      const found = await get("/api/session", sessionState);
      setSession(found);
      setProblem(undefined);
      if (found.state !== "first_run") words.suggest(found.language);
    } catch (error) {
      setProblem(error);
    }
  }, [words.suggest]);

  useEffect(() => {
    void ask();
  }, [ask]);
  useEffect(() => {
    if (problem === undefined) return;
    const timer = setTimeout(ask, retryMs);
    return () => clearTimeout(timer);
  }, [problem, ask]);
  useEffect(() => {
    if (session?.state === "signed_in" && (path === "/" || path === "/login" || path === "/first-run")) go("/now");
  }, [session, path]);

  if (session === undefined) return <Waiting problem={problem} />;
  if (session.state === "first_run") return <FirstRunPage onDone={ask} />;
  if (session.state === "signed_out") return <LoginPage space={session.space} onDone={ask} />;
  return <LivePages session={session} path={path} onSessionDoubt={ask} />;
}

function Waiting({ problem }: { readonly problem: unknown }) {
  const { t } = useWords();
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack align="center">
        <Loader aria-hidden="true" />
        <Text component="h1" fz="md">
          {t("page.loading")}
        </Text>
        <ProblemAlert problem={problem} />
      </Stack>
    </Center>
  );
}
