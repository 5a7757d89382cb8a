/** Starts the pages: component library with this answer's nonce, language, announcements, then the app. */
import "@mantine/core/styles.css";
import "./app.css";
import "./rows.css";
import { createTheme, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { AnnouncerProvider } from "../shared/announcer.tsx";
import { applyContrast } from "../shared/color-select.tsx";
import { LanguageProvider } from "../shared/language.tsx";
import { queryClient } from "../shared/query.ts";
import { App } from "./App.tsx";

const theme = createTheme({
  primaryColor: "teal",
  primaryShade: 9,
  defaultRadius: "md",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
});
applyContrast();
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <LanguageProvider>
        <AnnouncerProvider>
          <QueryClientProvider client={queryClient}>
            <App />
          </QueryClientProvider>
        </AnnouncerProvider>
      </LanguageProvider>
    </MantineProvider>
  </StrictMode>,
);
