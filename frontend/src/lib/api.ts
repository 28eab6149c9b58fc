import createClient from "openapi-fetch";
import type { paths } from "@/client/schema";
import { ApiProblem, toProblem } from "./problem";
import type { MaterialUpdate } from "./types";

const client = createClient<paths>({ baseUrl: window.location.origin });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was answered, or an ApiProblem; a server that cannot be reached stays the browser's TypeError. */
async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ApiProblem(toProblem(error, response.status));
  return data as T;
}

const one = (id: string) => ({ params: { path: { run_id: id } } });

export const listRuns = (cursor: string | null, task: string | null) =>
  take(
    client.GET("/v1/runs", {
      params: { query: { ...(cursor ? { cursor } : {}), ...(task ? { task } : {}) } },
    }),
  );

export const getRun = (id: string) =>
  take(
    client.GET("/v1/runs/{run_id}", {
      params: { path: { run_id: id }, query: { include: ["source"] } },
    }),
  );

export const cancelRun = (id: string) => take(client.POST("/v1/runs/{run_id}/cancel", one(id)));

export const retryRun = (id: string) => take(client.POST("/v1/runs/{run_id}/retry", one(id)));

/** Goes through even when the page is being left. */
export const deleteRun = (id: string) =>
  take(client.DELETE("/v1/runs/{run_id}", { ...one(id), keepalive: true }));

export const listTasks = () => take(client.GET("/v1/tasks"));

export const getTask = (id: string) =>
  take(client.GET("/v1/tasks/{task_id}", { params: { path: { task_id: id } } }));

export const listSamples = (task: string) =>
  take(client.GET("/v1/tasks/{task_id}/samples", { params: { path: { task_id: task } } }));

/** Reads one of the task's own samples. */
export const runSample = (task: string, sample: string) =>
  take(
    client.POST("/v1/runs", {
      params: { header: { "Idempotency-Key": crypto.randomUUID() } },
      body: { task, sample },
    }),
  );

/** Reads a text as a document. Sent twice under one key, it makes one run. */
export const runText = (task: string, text: string, key: string) =>
  take(
    client.POST("/v1/runs", {
      params: { header: { "Idempotency-Key": key } },
      body: { task, text },
    }),
  );

const ofTask = (task: string) => ({ params: { path: { task_id: task } } });
const ofFile = (task: string, file: string) => ({
  params: { path: { task_id: task, file_id: file } },
});

export const getMaterial = (task: string) =>
  take(client.GET("/v1/tasks/{task_id}/material", ofTask(task)));

/** Changes the parts that are given; null gives a part up. */
export const putMaterial = (task: string, body: MaterialUpdate) =>
  take(client.PUT("/v1/tasks/{task_id}/material", { ...ofTask(task), body }));

export const listPassages = (task: string) =>
  take(client.GET("/v1/tasks/{task_id}/passages", ofTask(task)));

export const getPassages = (task: string, file: string) =>
  take(client.GET("/v1/tasks/{task_id}/passages/{file_id}", ofFile(task, file)));

export const deletePassages = (task: string, file: string) =>
  take(client.DELETE("/v1/tasks/{task_id}/passages/{file_id}", ofFile(task, file)));

export const addPassages = (task: string, files: readonly File[]) => {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  return take(
    client.POST("/v1/tasks/{task_id}/passages", {
      ...ofTask(task),
      body: { files: [] },
      bodySerializer: () => form,
    }),
  );
};

// Addresses that the browser itself asks for.
const runAddress = (id: string) => `/v1/runs/${encodeURIComponent(id)}`;

export const eventsAddress = (run: string) => `${runAddress(run)}/events`;
export const pageImage = (run: string, page: number, size: "large" | "small") =>
  `${runAddress(run)}/pages/${page}/image?size=${size}`;
export const exportFile = (run: string, format: "csv" | "json", layout?: "cells" | "rows") =>
  `${runAddress(run)}/export?format=${format}${layout ? `&layout=${layout}` : ""}`;
export const originalFile = (run: string) => `${runAddress(run)}/original`;
