/** Choice of language, each in its own words. */
import { NativeSelect } from "@mantine/core";
import { languageNames, useWords } from "./language.tsx";
import { languages } from "./wire.ts";

export function LanguageSelect() {
  const { t, language, choose } = useWords();
  return (
    <NativeSelect
      size="xs"
      aria-label={t("nav.language")}
      value={language}
      data={languages.map((value) => ({ value, label: languageNames[value] }))}
      onChange={(event) => {
        const chosen = languages.find((one) => one === event.currentTarget.value);
        if (chosen !== undefined) choose(chosen);
      }}
    />
  );
}
