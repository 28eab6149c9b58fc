import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import {
  getMaterial,
  getPassages,
  getRun,
  getTask,
  listPassages,
  listRuns,
  listSamples,
  listTasks,
} from "./api";
import { ApiProblem } from "./problem";
import type { RunState } from "./types";

/** Whether a run will still change by itself. */
export function isActive(state: RunState): boolean {
  return state === "waiting" || state === "running";
}

const BUSY_MS = 900;
const IDLE_MS = 15_000;

/** The runs of a task, or of all; newest first. Asked again often while one of them is at work, else now
 * and then. */
export const runsQuery = (task: string | null) =>
  infiniteQueryOptions({
    queryKey: ["runs", task],
    queryFn: ({ pageParam }) => listRuns(pageParam, task),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: (query) => {
      const runs = query.state.data?.pages.flatMap((page) => page.items) ?? [];
      // One loaded page is cheap to ask for again; after many, patience.
      const pages = Math.max(1, query.state.data?.pages.length ?? 1);
      if (query.state.status === "error")
        return Math.min(IDLE_MS, BUSY_MS * 2 ** Math.min(5, query.state.fetchFailureCount));
      return runs.some((run) => isActive(run.state)) ? BUSY_MS * pages : IDLE_MS;
    },
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: () => getRun(id),
    staleTime: 2000,
    retry: (failures, error) =>
      failures < 2 && !(error instanceof ApiProblem && error.problem.status === 404),
  });

export const tasksQuery = queryOptions({
  queryKey: ["tasks"],
  queryFn: listTasks,
  staleTime: 5 * 60_000,
});

export const taskQuery = (id: string) =>
  queryOptions({ queryKey: ["task", id], queryFn: () => getTask(id), staleTime: 5 * 60_000 });

export const samplesQuery = (task: string) =>
  queryOptions({
    queryKey: ["samples", task],
    queryFn: () => listSamples(task),
    staleTime: 5 * 60_000,
  });

export const materialQuery = (task: string) =>
  queryOptions({ queryKey: ["material", task], queryFn: () => getMaterial(task) });

export const passagesQuery = (task: string) =>
  queryOptions({ queryKey: ["passages", task], queryFn: () => listPassages(task) });

export const passageFileQuery = (task: string, file: string) =>
  queryOptions({
    queryKey: ["passages", task, file],
    queryFn: () => getPassages(task, file),
    staleTime: 5 * 60_000,
  });
