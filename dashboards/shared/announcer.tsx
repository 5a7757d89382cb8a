/** Tells screen readers what is new, politely, and never more often than every 5 s; in between, only the number of news is kept. */
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useWords } from "./language.tsx";

const pauseMs = 5000;

const AnnounceContext = createContext<(sentence: string) => void>(() => undefined);
export const useAnnounce = (): ((sentence: string) => void) => use(AnnounceContext);

export function AnnouncerProvider({ children }: { readonly children: ReactNode }) {
  const words = useWords();
  const [said, setSaid] = useState("");
  const waiting = useRef<string[]>([]);
  const lastAt = useRef(Number.NEGATIVE_INFINITY);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const say = useCallback(() => {
    timer.current = undefined;
    const [first] = waiting.current;
    if (first === undefined) return;
    lastAt.current = performance.now();
    setSaid(waiting.current.length === 1 ? first : `${waiting.current.at(-1)} (${words.plural("plural.news", waiting.current.length)})`);
    waiting.current = [];
  }, [words]);

  const announce = useCallback(
    (sentence: string) => {
      waiting.current.push(sentence);
      timer.current ??= setTimeout(say, Math.max(0, lastAt.current + pauseMs - performance.now()));
    },
    [say],
  );
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <AnnounceContext value={useMemo(() => announce, [announce])}>
      {children}
      <div className="visually-hidden" aria-live="polite" role="status" data-testid="announcer">
        {said}
      </div>
    </AnnounceContext>
  );
}
