/** One door: what it does, who was let in, and the button that opens it once. */
import { Button } from "@mantine/core";
import { timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { doorMarks, StatusMark } from "../../shared/status-mark.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { useHubNow } from "../../shared/use-live.ts";
import type { Door } from "../../shared/wire.ts";
import { CommandNote } from "./CommandNote.tsx";

export function DoorTile({ door, gone, zone }: { readonly door: Door; readonly gone: boolean; readonly zone: string }) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const { state, send } = useCommand();
  const status = gone ? "unknown" : door.status;
  const mark = doorMarks[status];
  const opening = state.kind === "sent";
  return (
    <li className="tile" data-tone={mark.tone} data-testid={`door-${door.id}`} data-status={status}>
      <div className="tile-head">
        <h3>
          <PageLink to={`/doors/${door.id}`}>{door.label}</PageLink>
        </h3>
        <StatusMark mark={mark} />
        <Button
          size="xs"
          variant="default"
          disabled={gone || opening}
          aria-label={t("door.unlock_of", { name: door.label })}
          onClick={() => send(`/api/doors/${door.id}/unlock`)}
        >
          {opening ? t("door.opening") : t("door.unlock")}
        </Button>
      </div>
      <p className="tile-facts">
        {!gone && door.who !== null && <strong>{door.who.name}</strong>}
        {!gone && door.sinceMs !== null && <span>{t("machine.since", { time: timeOf(door.sinceMs, zone, words, { nowMs }) })}</span>}
      </p>
      <CommandNote
        state={state}
        sent={t("door.opening")}
        done={t("door.applied")}
        unconfirmed={`${t("door.unconfirmed")}: ${t("door.unconfirmed_long")}`}
      />
    </li>
  );
}
