/** A status four times over: word, letter, icon and pattern, so that nobody depends on colour (experience.md §2, §12). */
import type { MessageKey } from "../locales/shape.ts";
import { useWords } from "./language.tsx";
import classes from "./status-mark.module.css";
import type { Door, MachineStatus, Node } from "./wire.ts";

export type Tone = "ok" | "work" | "wait" | "stop" | "alarm" | "none";
export type Mark = { readonly letter: string; readonly tone: Tone; readonly word: MessageKey };

export const machineMarks: Readonly<Record<MachineStatus, Mark>> = {
  emergency: { letter: "E", tone: "alarm", word: "machine.emergency" },
  fault: { letter: "!", tone: "alarm", word: "machine.fault" },
  tamper: { letter: "T", tone: "alarm", word: "machine.tamper" },
  locked_out: { letter: "L", tone: "stop", word: "machine.locked_out" },
  out_of_order: { letter: "O", tone: "stop", word: "machine.out_of_order" },
  unknown: { letter: "?", tone: "none", word: "machine.unknown" },
  busy: { letter: "B", tone: "work", word: "machine.busy" },
  idle: { letter: "I", tone: "wait", word: "machine.idle" },
  grace: { letter: "G", tone: "wait", word: "machine.grace" },
  run_on: { letter: "N", tone: "wait", word: "machine.run_on" },
  needs_check: { letter: "C", tone: "wait", word: "machine.needs_check" },
  reserved: { letter: "R", tone: "wait", word: "machine.reserved" },
  free: { letter: "F", tone: "ok", word: "machine.free" },
};

export const doorMarks: Readonly<Record<Door["status"], Mark>> = {
  forced: { letter: "!", tone: "alarm", word: "door.forced" },
  held: { letter: "H", tone: "alarm", word: "door.held" },
  unknown: { letter: "?", tone: "none", word: "door.unknown" },
  open: { letter: "O", tone: "work", word: "door.open" },
  unlocked: { letter: "U", tone: "work", word: "door.unlocked" },
  passage: { letter: "P", tone: "wait", word: "door.passage" },
  secure: { letter: "L", tone: "ok", word: "door.secure" },
};

export const nodeMarks: Readonly<Record<Node["status"], Mark>> = {
  pending: { letter: "P", tone: "wait", word: "node.pending" },
  offline: { letter: "?", tone: "alarm", word: "node.offline" },
  suspect: { letter: "L", tone: "wait", word: "node.suspect" },
  syncing: { letter: "S", tone: "work", word: "node.syncing" },
  online: { letter: "✓", tone: "ok", word: "node.online" },
  quarantined: { letter: "Q", tone: "alarm", word: "node.quarantined" },
  revoked: { letter: "R", tone: "stop", word: "node.revoked" },
};

export const feedTones: Readonly<Record<string, Tone>> = {
  granted: "ok",
  refused: "alarm",
  ended: "none",
  alarm: "alarm",
  exception: "alarm",
  opened: "work",
  locked: "stop",
  cleared: "ok",
  duress: "alarm",
};

export function StatusMark({ mark, small = false }: { readonly mark: Mark; readonly small?: boolean }) {
  const { t } = useWords();
  return (
    <span className={classes.mark} data-tone={mark.tone} data-small={small || undefined}>
      <ToneIcon tone={mark.tone} />
      <span className={classes.letter} aria-hidden="true">
        {mark.letter}
      </span>
      <span className={classes.word}>{t(mark.word)}</span>
    </span>
  );
}

const shapes: Readonly<Record<Tone, string>> = {
  ok: "M3 8.5 6.5 12 13 4.5",
  work: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  wait: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2m0 2.5V8l2.5 1.5",
  stop: "M4 7.5h8v6H4zm1.5 0V5a2.5 2.5 0 0 1 5 0v2.5",
  alarm: "M8 2 14.5 13.5h-13zM8 6.5V10m0 1.8v.2",
  none: "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.8m0 2.3v.2",
};

export function ToneIcon({ tone }: { readonly tone: Tone }) {
  return (
    <svg className={classes.icon} data-tone={tone} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={shapes[tone]} fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
