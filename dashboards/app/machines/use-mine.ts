/** Makes whoever is signed in a member, with a membership, and gives them the card that comes to the machine's reader next. */
import { useState } from "react";
import type * as z from "zod";
import { get, post } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { useLive } from "../../shared/use-live.ts";
import { anything } from "../../shared/wire.ts";
import type { SignedIn } from "../pages.ts";
import { captureOpened, captureState, choices, memberAdded } from "../staff/wire.ts";

const askEveryMs = 500;
const waitMostMs = 35_000;
type Given = {
  readonly machine: string;
  readonly session: SignedIn;
  /** holds the card to the reader, where that can be simulated */
  readonly tap?: () => Promise<unknown>;
};
type Mine = {
  readonly isWaiting: boolean;
  readonly isDone: boolean;
  /** no card came */
  readonly isOver: boolean;
  readonly problem: unknown;
  begin(): void;
};

export function useMine({ machine, session, tap }: Given): Mine {
  const { t, language } = useWords();
  const { snapshot } = useLive();
  const [stage, setStage] = useState<"ready" | "waiting" | "done" | "over">("ready");
  const [problem, setProblem] = useState<unknown>();
  const [me, setMe] = useState<number>();

  const give = <S extends z.ZodType>(name: string, input: object, shape: S) => post(`/api/commands/${name}`, input, shape);
  /** A record of the real space is none of the simulated one. */
  const newMember = async (): Promise<number> => {
    const own = snapshot?.site.simulated === true ? null : session.member;
    const { member } =
      own === null ? await give("addMember", { displayName: session.name, locale: language }, memberAdded) : { member: own };
    setMe(member);
    const { plans } = await get("/api/choices", choices);
    const plan = plans[0]?.id ?? "member";
    if (plans.length === 0) await give("addPlan", { plan, label: t("plan.member"), always: true }, anything);
    const zone = snapshot?.site.zone ?? "UTC";
    // Swedish dates are those of ISO 8601.
    const from = new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(Date.now());
    if (own === null) await give("setMembership", { member, plan, from, validThrough: null }, anything);
    return member;
  };
  const capture = async (): Promise<"done" | "over"> => {
    const member = me ?? (await newMember());
    const opened = await give("openCapture", { member, resource: machine }, captureOpened);
    await tap?.();
    const deadline = performance.now() + waitMostMs;
    while (performance.now() < deadline) {
      const found = await get(`/api/captures/${opened.capture}`, captureState);
      if (found.state === "done" || found.state === "over") return found.state;
      if (found.state === "refused") throw new Error(found.refused ?? "");
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
    return "over";
  };
  return {
    isWaiting: stage === "waiting",
    isDone: stage === "done",
    isOver: stage === "over",
    problem,
    begin() {
      setStage("waiting");
      setProblem(undefined);
      capture().then(setStage, (error: unknown) => {
        setProblem(error);
        setStage("ready");
      });
    },
  };
}
