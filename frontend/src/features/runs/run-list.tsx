import { useInfiniteQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { useHotkeys } from "@/lib/hotkeys";
import { sentence } from "@/lib/problem";
import { runsQuery } from "@/lib/queries";
import { useRemoved, useRunActions } from "./actions";
import { RunRow } from "./run-row";

function Placeholder() {
  return (
    <ul
      aria-label="Loading runs"
      className="divide-y divide-line rounded-xl border border-line bg-surface"
    >
      {[60, 44, 52].map((width) => (
        <li key={width} className="flex items-center gap-3 px-4 py-3">
          <Skeleton className="size-4 rounded-full" />
          <span className="flex-1" style={{ maxWidth: `${width}%` }}>
            <Skeleton className="mb-1.5 h-3.5 w-full" />
            <Skeleton className="h-3 w-1/3" />
          </span>
        </li>
      ))}
    </ul>
  );
}

interface Props {
  /** Only the runs of this task; null for all. */
  task: string | null;
  /** How tasks are called. A list of all names them on each line. */
  titles: ReadonlyMap<string, string>;
  onFilter: (task: string | null) => void;
}

/** The runs, newest first; `j` and `k` move through them, Enter opens, `x` removes. */
export function RunList({ task, titles, onFilter }: Props) {
  const runs = useInfiniteQuery(runsQuery(task));
  const { cancel, retry, remove } = useRunActions();
  const removed = useRemoved();
  const list = useRef<HTMLUListElement>(null);

  const move = (step: 1 | -1) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[data-run-link]") ?? [])];
    const at = links.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
  };
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const id = document.activeElement?.closest<HTMLElement>("[data-run]")?.dataset.run;
      const run = runs.data?.pages.flatMap((page) => page.items).find((each) => each.id === id);
      if (!run) return;
      move(1);
      remove(run.id, run.document.name);
    },
  });

  const items =
    runs.data?.pages.flatMap((page) => page.items).filter((run) => !removed.has(run.id)) ?? [];
  if (!runs.isPending && !runs.isError && items.length === 0 && task === null) return null;
  return (
    <div className="space-y-3">
      <header className="flex items-center gap-3 pt-2">
        <h2 className="flex-1 text-sm font-semibold">Runs</h2>
        <label className="flex items-center gap-2 text-sm text-muted">
          Show
          <select
            value={task ?? ""}
            onChange={(event) => onFilter(event.target.value || null)}
            className="h-8 rounded-md border border-line-strong bg-raised px-2 text-sm text-ink"
          >
            <option value="">all tasks</option>
            {[...titles].map(([id, title]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </header>
      {runs.isPending ? <Placeholder /> : null}
      {!runs.isPending && !runs.isError && items.length === 0 && task !== null ? (
        <p className="rounded-xl border border-line bg-surface px-4 py-6 text-center text-sm text-muted">
          Nothing has been read as {titles.get(task) ?? task} yet.{" "}
          <button
            type="button"
            className="font-medium text-ink underline underline-offset-2"
            onClick={() => onFilter(null)}
          >
            Show all runs
          </button>
        </p>
      ) : null}
      {runs.isError ? (
        <Notice
          title="The list is not up to date"
          action={
            <Button small onClick={() => void runs.refetch()}>
              Try again
            </Button>
          }
        >
          {sentence(runs.error)}
        </Notice>
      ) : null}
      {items.length > 0 ? (
        <ul
          ref={list}
          aria-label="Runs"
          className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface"
        >
          {items.map((run) => (
            <RunRow
              key={run.id}
              run={run}
              task={task === null ? titles.get(run.task) : undefined}
              onCancel={cancel}
              onRetry={retry}
              onRemove={remove}
            />
          ))}
        </ul>
      ) : null}
      {runs.hasNextPage ? (
        <p className="text-center">
          <Button
            look="quiet"
            disabled={runs.isFetchingNextPage}
            onClick={() => void runs.fetchNextPage()}
          >
            {runs.isFetchingNextPage ? "Loading" : "Show older runs"}
          </Button>
        </p>
      ) : null}
    </div>
  );
}
