/** The frame of pages before sign-in: one card in the middle, language above it. */
import { Group, Paper } from "@mantine/core";
import type { ReactNode } from "react";
import { LanguageSelect } from "../../shared/LanguageSelect.tsx";

export function Card({ children }: { readonly children: ReactNode }) {
  return (
    <div className="lone">
      <Group component="header" justify="space-between" w="100%" maw={480} wrap="nowrap">
        <Group gap={8} wrap="nowrap">
          <img src="/icon.svg" width="28" height="28" alt="" />
          <span className="space">Koprade</span>
        </Group>
        <LanguageSelect />
      </Group>
      <Paper component="main" withBorder shadow="sm" p={{ base: "md", xs: "xl" }} w="100%" maw={480}>
        {children}
      </Paper>
    </div>
  );
}
