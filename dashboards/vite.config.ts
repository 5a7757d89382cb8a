/** Builds the dashboards to `dashboards/dist`, which the hub serves. `__NONCE__` becomes a fresh nonce in every answer. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // Browsers that know light-dark(); translated for older ones it would follow the system instead of the reader's choice.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
});
