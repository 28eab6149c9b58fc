import { ApiProblem, toProblem } from "./problem";
import type { Run, RunDetail, Task, TaskSummary } from "./types";

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ApiProblem(toProblem(body, response.status));
  return body as T;
}

export const listRuns = (cursor: string | null) =>
  call<{ items: Run[]; next_cursor: string | null }>(
    `/v1/runs${cursor ? `?cursor=${cursor}` : ""}`,
  );
export const getRun = (id: string) => call<RunDetail>(`/v1/runs/${id}?include=source`);
export const cancelRun = (id: string) => call<Run>(`/v1/runs/${id}/cancel`, { method: "POST" });
export const retryRun = (id: string) => call<Run>(`/v1/runs/${id}/retry`, { method: "POST" });
export const listTasks = () => call<{ items: TaskSummary[] }>("/v1/tasks");
export const getTask = (id: string) => call<Task>(`/v1/tasks/${id}`);

export const pageImage = (run: string, page: number, size: "large" | "small") =>
  `/v1/runs/${run}/pages/${page}/image?size=${size}`;
export const exportFile = (run: string, format: "csv" | "json") =>
  `/v1/runs/${run}/export?format=${format}`;
export const originalFile = (run: string) => `/v1/runs/${run}/original`;
export const listSamples = (task: string) =>
  call<{ items: { name: string; media_type: string | null }[] }>(`/v1/tasks/${task}/samples`);
export const runSample = (task: string, sample: string) =>
  call<{ items: Run[] }>("/v1/runs", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ task, sample }),
  });
export const deleteRun = (id: string) =>
  call<null>(`/v1/runs/${id}`, { method: "DELETE", keepalive: true });
