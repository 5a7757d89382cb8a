/** Starts the pages: component library with this answer's nonce, language, announcements, then the app. */
import "@mantine/core/styles.css";
import "./app.css";
import { createTheme, MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { AnnouncerProvider } from "../shared/announcer.tsx";
import { LanguageProvider } from "../shared/language.tsx";
import { App } from "./App.tsx";

const theme = createTheme({
  primaryColor: "teal",
  primaryShade: 9,
  defaultRadius: "md",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
});
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <LanguageProvider>
        <AnnouncerProvider>
          <App />
        </AnnouncerProvider>
      </LanguageProvider>
    </MantineProvider>
  </StrictMode>,
);
