// Writes the TypeScript client from the OpenAPI document; with --check, only says whether it is fresh.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../docs/openapi.json", import.meta.url);
const target = new URL("../src/client/schema.d.ts", import.meta.url);
const header = "// Generated from docs/openapi.json by `npm run generate`. Do not edit.\n\n";

if (!existsSync(source)) {
  console.error("docs/openapi.json is missing. Run `make generate` at the repository's root.");
  process.exit(1);
}
const fresh = header + astToString(await openapiTS(source, { defaultNonNullable: false }));
if (process.argv.includes("--check")) {
  if (!existsSync(target) || readFileSync(target, "utf8") !== fresh) {
    console.error("src/client/schema.d.ts is stale. Run `make generate` and commit the result.");
    process.exit(1);
  }
} else {
  writeFileSync(target, fresh);
}
