/** What a line of the log says, in plain words of the reader's language. */
import type { Words } from "../../shared/language.tsx";
import type { Tone } from "../../shared/status-mark.tsx";
import type { LogLine } from "../staff/wire.ts";

/** What happened, without who and where, which stand beside it. An unknown kind, of a newer hub, stands for itself. */
export function lineWords({ kind, outcome, request, detail }: LogLine, { t, knows }: Words): string {
  if (kind === "access.decided") {
    const key = `log.${request}.${outcome}`;
    return knows(key) ? t(key) : t(outcome === "deny" ? "feed.refused" : outcome === "grant" ? "feed.granted" : "log.asked");
  }
  const special = `log.${kind}.${detail}`;
  if (knows(special)) return t(special);
  const key = `log.${kind}`;
  return knows(key) ? t(key) : kind;
}

/** How a session ended. */
export function endWord(end: string | null, { t, knows }: Pick<Words, "t" | "knows">): string {
  const key = `end.${end}`;
  return knows(key) ? t(key) : (end ?? "–");
}

const bad = new Set(["node.gap", "mach.fault", "mach.oops", "access.duress", "card.suspect"]);

export function lineTone({ kind, outcome, detail }: LogLine): Tone {
  if (kind === "access.decided") return outcome === "grant" ? "ok" : outcome === "deny" ? "alarm" : "none";
  if (kind === "mach.session_started") return "work";
  if (detail === "lost" || bad.has(kind)) return "alarm";
  if (/forced_open|held_open$|jam|tamper|_lost|_failed|bypass|safety|unattributed|while_off|poweroff/.test(kind)) return "alarm";
  return "none";
}
