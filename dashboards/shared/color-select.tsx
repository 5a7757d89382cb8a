/** Light, dark, or as much contrast as there is. The last also for whoever has asked their system for it. */
import { NativeSelect, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useEffect, useState } from "react";
import { useWords } from "./language.tsx";

const storedAs = "koprade.contrast";

/** Whether this reader wants more contrast, by their choice here or of their system. */
function wantsContrast(): boolean {
  const chosen = localStorage.getItem(storedAs);
  return chosen === null ? matchMedia("(prefers-contrast: more)").matches : chosen === "more";
}

/** Before anything is drawn. */
export function applyContrast(more: boolean = wantsContrast()): void {
  document.documentElement.toggleAttribute("data-contrast", more);
}

export function ColorSelect() {
  const { t } = useWords();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const [contrast, setContrast] = useState(wantsContrast);
  useEffect(() => applyContrast(contrast), [contrast]);
  return (
    <NativeSelect
      size="xs"
      aria-label={t("nav.colours")}
      value={contrast ? "contrast" : scheme}
      data={[
        { value: "light", label: t("nav.light") },
        { value: "dark", label: t("nav.dark") },
        { value: "contrast", label: t("nav.contrast") },
      ]}
      onChange={({ currentTarget: { value } }) => {
        localStorage.setItem(storedAs, value === "contrast" ? "more" : "usual");
        setContrast(value === "contrast");
        if (value === "light" || value === "dark") setColorScheme(value);
      }}
    />
  );
}
