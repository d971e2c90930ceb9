import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The page that the server embeds. Nothing is inlined: the policy of the page allows scripts, styles and workers from
// files alone. `npm run dev` serves the sources and asks a server that runs beside it.
export default defineConfig({
  base: "./",
  plugins: [svelte()],
  define: { EXPORTED: "false" },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  worker: { format: "es" },
  server: { proxy: { "/api": "http://127.0.0.1:7070" } },
});
