import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { brandPlugin } from "./build/brand.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const api = process.env.LEMMA_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [brandPlugin(here("../brand.toml")), react(), tailwindcss()],
  resolve: { alias: { "@": here("./src") } },
  server: { host: "127.0.0.1", proxy: { "/v1": { target: api, changeOrigin: true } } },
  build: {
    // `light-dark()`, `:has()` and nesting as they stand.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    // Nothing inline: the content security policy allows our own files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { include: ["src/**/*.test.ts"] },
});
