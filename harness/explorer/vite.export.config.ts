import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The static export: one classic script and one style sheet, which the server writes into one HTML page together with
// the recorded data. Module scripts do not load from `file:`, so this one is no module, and it loads nothing later.
export default defineConfig({
  base: "./",
  plugins: [svelte()],
  publicDir: false,
  define: { EXPORTED: "true" },
  build: {
    target: "es2022",
    outDir: "dist-export",
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    reportCompressedSize: true,
    lib: {
      entry: "src/exported.ts",
      formats: ["iife"],
      name: "explorer",
      fileName: () => "export.js",
      cssFileName: "export",
    },
  },
});
