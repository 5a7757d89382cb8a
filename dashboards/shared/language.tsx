/** The reader's language: chosen once, kept in this browser, and everything that is written in it: texts, plurals, times, units. */
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import type { Locale, MessageKey, PluralKey, ReasonText } from "../locales/shape.ts";
import { type Language, languages } from "./wire.ts";

/** Only the language that is read is loaded. */
const loaders: Readonly<Record<Language, () => Promise<Locale>>> = {
  en: async () => (await import("../locales/en.ts")).en,
  lv: async () => (await import("../locales/lv.ts")).lv,
  sv: async () => (await import("../locales/sv.ts")).sv,
  nb: async () => (await import("../locales/nb.ts")).nb,
};
const loadAgainMs = 2000;
/** Every language in its own words. */
export const languageNames: Readonly<Record<Language, string>> = { en: "English", lv: "Latviešu", sv: "Svenska", nb: "Norsk" };

export type Params = Readonly<Record<string, string | number>>;
export type Words = {
  readonly language: Language;
  choose(language: Language): void;
  /** The language of the space: used by readers who have not chosen and whose browser speaks none of ours. */
  suggest(language: Language): void;
  t(key: MessageKey, params?: Params): string;
  /** whether there is such a text, for keys made of what the hub says */
  knows(key: string): key is MessageKey;
  plural(key: PluralKey, count: number): string;
  /** Reason and next step; an unknown code stands for itself. */
  reason(code: string): ReasonText;
  number(value: number, digits?: number): string;
};

const LanguageContext = createContext<Words | undefined>(undefined);
const storedAs = "koprade.language";

export function useWords(): Words {
  const words = use(LanguageContext);
  if (words === undefined) throw new Error("no language around this component");
  return words;
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [spoken] = useState(() => spokenHere());
  const [chosen, setChosen] = useState<Language | undefined>(() => stored());
  const [suggested, setSuggested] = useState<Language>("en");
  const loaded = useLoaded(chosen ?? spoken ?? suggested);
  const words = useMemo<Words | undefined>(
    () =>
      loaded && {
        ...wordsOf(loaded.language, loaded.locale),
        choose(next) {
          localStorage.setItem(storedAs, next);
          setChosen(next);
        },
        suggest: setSuggested,
      },
    [loaded],
  );
  if (words === undefined) return null;
  return <LanguageContext value={words}>{children}</LanguageContext>;
}

type Loaded = { readonly language: Language; readonly locale: Locale };

/** The wanted language as soon as it is here; until then the one before, or nothing at all. */
function useLoaded(language: Language): Loaded | undefined {
  const [loaded, setLoaded] = useState<Loaded>();
  useEffect(() => {
    let wanted = true;
    let again: ReturnType<typeof setTimeout> | undefined;
    const load = (): void => {
      loaders[language]().then(
        (locale) => {
          if (!wanted) return;
          document.documentElement.lang = language;
          setLoaded({ language, locale });
        },
        () => {
          if (wanted) again = setTimeout(load, loadAgainMs);
        },
      );
    };
    load();
    return () => {
      wanted = false;
      clearTimeout(again);
    };
  }, [language]);
  return loaded;
}

function wordsOf(language: Language, locale: Locale): Omit<Words, "choose" | "suggest"> {
  const rules = new Intl.PluralRules(language);
  const number = (value: number, digits = 0): string => new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  const known: Readonly<Record<string, ReasonText>> = locale.reasons;
  return {
    language,
    number,
    knows: (key): key is MessageKey => Object.hasOwn(locale.messages, key),
    t: (key, params = {}) => filled(locale.messages[key], params),
    plural(key, count) {
      const forms = locale.plurals[key];
      const form = rules.select(count);
      return filled((form === "zero" ? forms.zero : form === "one" ? forms.one : undefined) ?? forms.other, { count: number(count, 1) });
    },
    reason: (code) => known[code] ?? [code, ""],
  };
}

function filled(text: string, params: Params): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

function stored(): Language | undefined {
  const found = localStorage.getItem(storedAs);
  return languages.find((language) => language === found);
}

/** What this browser asks for, if it is one of ours. */
function spokenHere(): Language | undefined {
  for (const wanted of navigator.languages) {
    const short = wanted.slice(0, 2).replace(/^n[on]$/, "nb");
    const found = languages.find((language) => language === short);
    if (found !== undefined) return found;
  }
  return undefined;
}
