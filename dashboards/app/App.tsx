/** Which page for whom: first run, sign in, or the pages of the page table. */
import { Center, Loader, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { get } from "../shared/api.ts";
import { useWords } from "../shared/language.tsx";
import { ProblemAlert } from "../shared/problem-alert.tsx";
import { queryClient } from "../shared/query.ts";
import { go, usePath } from "../shared/route.ts";
import { type SessionState, sessionState } from "../shared/wire.ts";
import { framePaths, homeOf } from "./pages.ts";
import { SignedInPages } from "./SignedInPages.tsx";

const FirstRunPage = lazy(async () => ({ default: (await import("./account/FirstRunPage.tsx")).FirstRunPage }));
const InvitationPage = lazy(async () => ({ default: (await import("./account/InvitationPage.tsx")).InvitationPage }));
const LoginPage = lazy(async () => ({ default: (await import("./account/LoginPage.tsx")).LoginPage }));
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
      // What the last account was shown is nothing for the next one.
      if (found.state !== "signed_in") queryClient.clear();
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
    if (session?.state === "signed_in" && path !== "/invitation" && framePaths.some((one) => one === path)) go(homeOf(session));
  }, [session, path]);

  if (session === undefined) return <Waiting problem={problem} />;
  // A link is for whoever holds it, whoever is signed in here.
  if (path === "/invitation" && session.state !== "first_run")
    return (
      <Suspense fallback={<Waiting problem={undefined} />}>
        <InvitationPage onDone={ask} />
      </Suspense>
    );
  return (
    <Suspense fallback={<Waiting problem={undefined} />}>
      {session.state === "first_run" && <FirstRunPage onDone={ask} />}
      {session.state === "signed_out" && <LoginPage space={session.space} provider={session.provider} onDone={ask} />}
      {session.state === "signed_in" && <SignedInPages session={session} onSessionDoubt={ask} />}
    </Suspense>
  );
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
