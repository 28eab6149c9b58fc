// Answers like the API, from the fixtures beside it. Run: node dev/server.mjs [port]
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "../dist");
const fixture = JSON.parse(readFileSync(join(here, "fixtures/run.json"), "utf8"));
const task = JSON.parse(readFileSync(join(here, "fixtures/task.json"), "utf8"));
const port = Number(process.argv[2] ?? 8000);

/** As the real server sends it, so that what it forbids is seen here already. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'";
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const STAGES = [
  ["ingest", null, null],
  ["pages", 1, 2],
  ["pages", 2, 2],
  ["reading", 0, 1],
  ["checking", null, null],
];
const STAGE_MS = 900;

let nextRun = 1;
const runs = [];

function addRun(name, { age = 0, state = "waiting", error = null } = {}) {
  const created = Date.now() - age;
  const id = `00000000-0000-7000-8000-${String(nextRun++).padStart(12, "0")}`;
  const run = { id, name, created, state, error, started: created };
  runs.unshift(run);
  return run;
}

const problem = (status, code, title, detail) => ({
  type: `urn:lemma:error:${code}`,
  status,
  code,
  title,
  detail,
});

addRun("receipt-cafe.txt", { age: 9e7, state: "cancelled" });
addRun("statement-2025-protected.pdf", {
  age: 4e6,
  state: "failed",
  error: problem(
    422,
    "file_encrypted",
    "The file is protected",
    "This PDF is protected by a password. Remove the password and send it again.",
  ),
});
addRun("nordlicht-INV-2026-0417.pdf", { age: 4e5, state: "done" });

function summary(run) {
  if (run.state === "waiting" && Date.now() - run.started > STAGE_MS) run.state = "running";
  const at = Math.floor((Date.now() - run.started) / STAGE_MS) - 1;
  if (run.state === "running" && at >= STAGES.length) run.state = "done";
  const [stage, done, of] = (run.state === "running" && STAGES[at]) || [null, null, null];
  const over = !["waiting", "running"].includes(run.state);
  const count = (status) => fixture.cells.filter((cell) => cell.status === status).length;
  return {
    id: run.id,
    task: "invoices",
    task_version: "1",
    state: run.state,
    attempt: 1,
    document: {
      id: run.id,
      name: run.name,
      state: "ready",
      media_type: "application/pdf",
      size: 3045,
      sha256: "0",
      page_count: run.state === "done" ? 2 : null,
      error: null,
      created_at: new Date(run.created).toISOString(),
    },
    progress: { stage, done, of },
    counts:
      run.state === "done"
        ? {
            found: count("found") + count("derived"),
            doubtful: count("unreadable") + count("conflicting"),
            absent: 7,
            rules_failed: 1,
          }
        : null,
    error: run.error,
    model: null,
    prompt_tokens: 0,
    completion_tokens: 0,
    created_at: new Date(run.created).toISOString(),
    started_at: new Date(run.started).toISOString(),
    finished_at: over ? new Date(run.started + 4200).toISOString() : null,
  };
}

function events(run, response) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  let last = "";
  const timer = setInterval(() => {
    const now = summary(run);
    const progress = JSON.stringify(now.progress);
    if (progress !== last) response.write(`event: progress\ndata: ${progress}\n\n`);
    last = progress;
    if (now.state === "running" || now.state === "waiting") return;
    clearInterval(timer);
    response.end("event: end\ndata: {}\n\n");
  }, 200);
  response.on("close", () => clearInterval(timer));
}

async function api(request, url, send) {
  const [, , what, id, verb, number] = url.pathname.split("/");
  if (what === "tasks" && verb === "samples")
    return send(200, {
      items: [
        { name: "invoice-two-pages.pdf", media_type: null },
        { name: "receipt-cafe.png", media_type: null },
      ],
    });
  if (what === "tasks") return send(200, id ? task : { items: [task] });
  if (!id && request.method === "GET")
    return send(200, { items: runs.map(summary), next_cursor: null });
  if (!id) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("latin1");
    const name = /filename="([^"]*)"/.exec(body)?.[1] ?? JSON.parse(body).sample ?? "text.txt";
    if (name.includes("empty"))
      return send(
        422,
        problem(
          422,
          "file_empty",
          "The file is empty",
          "This file holds no bytes. Check it and send it again.",
        ),
      );
    return send(202, { items: [summary(addRun(name))] });
  }
  const run = runs.find((each) => each.id === id);
  if (!run)
    return send(
      404,
      problem(
        404,
        "run_not_found",
        "There is no such run",
        "There is no run with this id. List the runs to find it.",
      ),
    );
  if (request.method === "DELETE") {
    runs.splice(runs.indexOf(run), 1);
    return send(204, null);
  }
  if (verb === "cancel") run.state = "cancelled";
  if (verb === "retry") Object.assign(run, { state: "waiting", started: Date.now(), error: null });
  if (verb === "pages")
    return send(
      200,
      await readFile(join(here, `fixtures/page-${number}-${url.searchParams.get("size")}.webp`)),
      "image/webp",
    );
  if (verb === "original")
    return send(
      200,
      await readFile(join(here, "fixtures/invoice.pdf")),
      "application/octet-stream",
    );
  const now = summary(run);
  return send(
    200,
    now.state === "done" && !verb
      ? { ...now, ...fixture }
      : { ...now, cells: [], rules: [], notes: [], pages: [], source: null },
  );
}

createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const send = (status, body, type = "application/json") => {
    response.writeHead(status, { "content-type": type, "content-security-policy": POLICY });
    response.end(body === null ? "" : type === "application/json" ? JSON.stringify(body) : body);
  };
  if (/^\/v1\/runs\/[^/]+\/events$/.test(url.pathname)) {
    const run = runs.find((each) => each.id === url.pathname.split("/")[3]);
    return run ? events(run, response) : send(404, null);
  }
  if (url.pathname.startsWith("/v1/")) return api(request, url, send);
  const path = join(dist, normalize(url.pathname));
  const asset = extname(path) !== "";
  readFile(asset ? path : join(dist, "index.html")).then(
    (data) => send(200, data, TYPES[asset ? extname(path) : ".html"] ?? "application/octet-stream"),
    () => send(404, null),
  );
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
