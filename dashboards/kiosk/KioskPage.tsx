/**
 * The tablet at the desk: three big choices, one thing at a time, four languages one touch away. Whoever walks away leaves nothing: after a
 * minute without a touch it begins anew, with a warning and more time for whoever asks for it (WCAG 2.2.1).
 */
import { useCallback, useEffect, useState } from "react";
import { CardStep } from "./CardStep.tsx";
import { type Hub, KioskProblem, type Language, languages, type Picture } from "./hub.ts";
import { ReportStep } from "./ReportStep.tsx";
import { languageNames, sayIn } from "./words.ts";

const idleMs = 60_000;
const warnMs = 15_000;
const askEveryMs = 10_000;
type Step = "home" | "report" | "card";

export function KioskPage({ hub }: { readonly hub: Hub }) {
  const { picture, isAway, isEnded } = usePicture(hub);
  const [chosen, setChosen] = useState<Language>();
  const [step, setStep] = useState<Step>("home");
  const language = chosen ?? picture?.languages[0] ?? "en";
  const say = sayIn(language);
  const restart = useCallback(() => {
    setStep("home");
    setChosen(undefined);
  }, []);
  const home = useCallback(() => setStep("home"), []);
  const { leftMs, stay } = useIdle(step !== "home" || chosen !== undefined, restart);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.title = picture?.site.name ?? "Koprade";
  }, [picture?.site.name]);

  if (isEnded) return <Notice text={say("ended", { name: hub.name })} />;
  if (picture === undefined) return <Notice text={say(isAway ? "away" : "loading")} />;
  if (picture.site.mode === "evacuate") return <Notice text={say("evacuate")} alert />;
  return (
    <div className="kiosk">
      <header>
        <p className="space">
          {picture.site.name} {picture.site.simulated && <span className="tag">{say("simulated")}</span>}
        </p>
        <nav aria-label={say("language")}>
          {languages.map((one) => (
            <button key={one} type="button" lang={one} aria-pressed={one === language} onClick={() => setChosen(one)}>
              {languageNames[one]}
            </button>
          ))}
        </nav>
      </header>
      {isAway && (
        <p className="banner" role="alert">
          {say("away")}
        </p>
      )}
      <main>
        {step === "home" && (
          <>
            <h1>{say("title")}</h1>
            <div className="choices">
              <button type="button" className="choice" onClick={() => setStep("report")}>
                {say("report")}
              </button>
              {picture.reader !== null && (
                <button type="button" className="choice" onClick={() => setStep("card")}>
                  {say("card")}
                </button>
              )}
            </div>
          </>
        )}
        {step === "report" && <ReportStep hub={hub} say={say} language={language} machines={picture.machines} onDone={home} />}
        {step === "card" && <CardStep hub={hub} say={say} reader={picture.reader ?? ""} onDone={home} />}
      </main>
      {leftMs !== null && (
        <div className="still-there" role="alertdialog" aria-label={say("idle")}>
          <h2>{say("idle")}</h2>
          <p>{say("idle_long", { count: Math.ceil(leftMs / 1000) })}</p>
          <button type="button" className="main" onClick={stay}>
            {say("stay")}
          </button>
        </div>
      )}
    </div>
  );
}

function Notice({ text, alert = false }: { readonly text: string; readonly alert?: boolean }) {
  return (
    <main className="notice" role={alert ? "alert" : undefined}>
      <h1>{text}</h1>
    </main>
  );
}

type Known = { readonly picture: Picture | undefined; readonly isAway: boolean; readonly isEnded: boolean };

function usePicture(hub: Hub): Known {
  const [known, setKnown] = useState<Known>({ picture: undefined, isAway: false, isEnded: false });
  useEffect(() => {
    const ask = (): void => {
      hub.picture().then(
        (picture) => setKnown({ picture, isAway: false, isEnded: false }),
        (problem: unknown) => {
          const code = problem instanceof KioskProblem ? problem.code : "";
          setKnown((now) => ({ ...now, isAway: true, isEnded: code === "link_ended" || code === "invalid" }));
        },
      );
    };
    ask();
    const timer = setInterval(ask, askEveryMs);
    return () => clearInterval(timer);
  }, [hub]);
  return known;
}

/** Counts from the last touch or key while somebody is in the middle of something; `leftMs` once the end is near. */
function useIdle(isActive: boolean, onIdle: () => void): { readonly leftMs: number | null; stay(): void } {
  const [touchedAt, setTouchedAt] = useState(() => performance.now());
  const [now, setNow] = useState(() => performance.now());
  const stay = useCallback(() => setTouchedAt(performance.now()), []);
  useEffect(() => {
    const kinds = ["pointerdown", "keydown"] as const;
    for (const kind of kinds) addEventListener(kind, stay);
    return () => {
      for (const kind of kinds) removeEventListener(kind, stay);
    };
  }, [stay]);
  useEffect(() => {
    if (!isActive) return;
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, [isActive]);
  const leftMs = idleMs - (now - touchedAt);
  useEffect(() => {
    if (isActive && leftMs <= 0) onIdle();
  }, [isActive, leftMs, onIdle]);
  return { leftMs: isActive && leftMs <= warnMs && leftMs > 0 ? leftMs : null, stay };
}
