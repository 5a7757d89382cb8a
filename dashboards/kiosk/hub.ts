/** What the tablet asks of the hub. Nothing is kept in this browser, and no cookie is sent or taken. */
import * as z from "zod";

export const languages = ["en", "lv", "sv", "nb"] as const;
export type Language = (typeof languages)[number];
const picture = z.object({
  languages: z.array(z.enum(languages)).min(1),
  site: z.object({ name: z.string(), zone: z.string(), mode: z.enum(["normal", "evacuate", "lockdown"]), simulated: z.boolean() }),
  machines: z.array(z.object({ id: z.string(), label: z.string() })),
  reader: z.string().nullable(),
});
export type Picture = z.infer<typeof picture>;
const card = z.object({ state: z.enum(["waiting", "done", "refused", "over"]), untilMs: z.number() });
const asked = z.object({ capture: z.number(), untilMs: z.number() });
const done = z.object({ done: z.literal(true) });
const problem = z.object({ code: z.string() });
const answerMostMs = 8000;

/** `code` as the hub has it; `unreachable` when it does not answer. */
export class KioskProblem extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.name = "KioskProblem";
    this.code = code;
  }
}

export type Hub = {
  readonly name: string;
  picture(): Promise<Picture>;
  report(machine: string, reason: string): Promise<void>;
  askCard(mail: string, password: string): Promise<z.infer<typeof asked>>;
  card(capture: number): Promise<z.infer<typeof card>>;
};

export function kioskAt(name: string, token: string): Hub {
  const ask = async <S extends z.ZodType>(path: string, shape: S, body?: object): Promise<z.infer<S>> => {
    let answer: Response;
    let given: unknown;
    try {
      answer = await fetch(`/api/kiosk/${encodeURIComponent(name)}${path}?token=${encodeURIComponent(token)}`, {
        credentials: "omit",
        signal: AbortSignal.timeout(answerMostMs),
        ...(body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      given = await answer.json();
    } catch {
      throw new KioskProblem("unreachable");
    }
    if (!answer.ok) throw new KioskProblem(problem.safeParse(given).data?.code ?? "other");
    const parsed = shape.safeParse(given);
    if (!parsed.success) throw new KioskProblem("other");
    return parsed.data;
  };
  return {
    name,
    picture: () => ask("", picture),
    async report(machine, reason) {
      await ask("/report", done, { machine, reason });
    },
    askCard: (mail, password) => ask("/card", asked, { mail, password }),
    card: (capture) => ask(`/card/${capture}`, card),
  };
}
