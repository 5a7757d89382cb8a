/** Where this account is signed in, and signing out elsewhere. */
import { Button, Stack } from "@mantine/core";
import { post } from "../../shared/api.ts";

import { useWords } from "../../shared/language.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { anything } from "../../shared/wire.ts";
import { useAsk } from "./use-ask.ts";
import { whenOf } from "./when.ts";
import { sessions } from "./wire.ts";

export function SessionPart() {
  const words = useWords();
  const { t } = words;
  const { data, problem } = useRead("/api/account/sessions?limit=100", sessions);
  const asked = useAsk();
  const end = (body: object) => asked.run(() => post("/api/account/sessions/end", body, anything));
  const rows = data?.items ?? [];
  return (
    <Stack maw={640}>
      <ProblemAlert problem={problem ?? asked.problem} />
      <ul className="rows-plain">
        {rows.map((row) => (
          <li key={row.id}>
            <span>
              {browserOf(row.agent) || t("account.unknown_browser")} <span className="quiet">{whenOf(row.seenMs, words)}</span>
            </span>
            {row.here ? (
              <span className="tag">{t("account.here")}</span>
            ) : (
              <Button
                size="xs"
                variant="default"
                aria-label={t("account.end_of", { name: browserOf(row.agent) || t("account.unknown_browser") })}
                onClick={() => end({ id: row.id })}
              >
                {t("account.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {rows.length > 1 && (
        <Button variant="default" className="start" onClick={() => end({ others: true })}>
          {t("account.end_others")}
        </Button>
      )}
    </Stack>
  );
}

/** Program and system out of what a browser says of itself; Chrome and Edge also say that they are Safari, so the order counts. */
function browserOf(agent: string): string {
  const program = /(Edg|Firefox|Chrome|Safari)\//.exec(agent)?.[1]?.replace("Edg", "Edge") ?? "";
  const system = /(Android|iPhone|iPad|Windows|Mac OS|Linux)/.exec(agent)?.[1] ?? "";
  return [program, system].filter((part) => part !== "").join(", ");
}
