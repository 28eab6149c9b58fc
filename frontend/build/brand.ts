import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { parse } from "smol-toml";
import type { Plugin } from "vite";

interface Colours {
  accent: string;
  accent_ink: string;
  marker: string;
  theme: string;
}

interface Brand {
  name: string;
  tagline: string;
  logo: string;
  colours: { light: Colours; dark: Colours };
}

/**
 * Brings `brand.toml` into the app, so that name, colours and logo are written in one place:
 * `virtual:brand` (name, tagline, logo URL), `virtual:brand.css` (custom properties), and the
 * `%brand.…%` marks of index.html.
 */
export function brandPlugin(file: string): Plugin {
  const path = resolve(file);
  const brand = parse(readFileSync(path, "utf8")) as unknown as Brand;
  const logo = resolve(dirname(path), brand.logo);
  const pair = (name: keyof Colours) =>
    `light-dark(${brand.colours.light[name]}, ${brand.colours.dark[name]})`;
  let root = "";

  return {
    name: "brand",
    enforce: "pre",
    configResolved(config) {
      root = config.root;
    },
    resolveId(id) {
      if (id === "virtual:brand") return "\0brand.js";
      if (id === "virtual:brand.css") return "\0brand.css";
      return undefined;
    },
    load(id) {
      if (id === "\0brand.js") {
        this.addWatchFile(path);
        return [
          `export { default as logo } from ${JSON.stringify(`${logo}?url`)};`,
          `export const name = ${JSON.stringify(brand.name)};`,
          `export const tagline = ${JSON.stringify(brand.tagline)};`,
        ].join("\n");
      }
      if (id === "\0brand.css") {
        return `:root{--brand-accent:${pair("accent")};--brand-accent-ink:${pair("accent_ink")};--brand-marker:${pair("marker")}}`;
      }
      return undefined;
    },
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html
          .replaceAll("%brand.name%", brand.name)
          .replaceAll("%brand.tagline%", brand.tagline)
          .replaceAll("%brand.light.theme%", brand.colours.light.theme)
          .replaceAll("%brand.dark.theme%", brand.colours.dark.theme)
          .replaceAll("%brand.logo%", `/${relative(root, logo)}`),
    },
  };
}
