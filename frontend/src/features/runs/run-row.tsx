import { Link } from "@tanstack/react-router";
import { RotateCw, Trash2, X } from "lucide-react";
import { IconButton } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { StandingIcon } from "@/components/ui/status";
import { cx } from "@/lib/cx";
import { ago, count, elapsed, moment, seconds } from "@/lib/format";
import { isActive } from "@/lib/queries";
import type { Run } from "@/lib/types";
import { doing, fraction } from "./progress";
import { RunStateIcon, stateLook, toCheck } from "./run-state";

interface Props {
  run: Run;
  /** The title of its task, where a list has runs of several. */
  task?: string | undefined;
  onCancel: (id: string) => void;
  onRetry: (id: string) => void;
  onRemove: (id: string, name: string) => void;
}

/** What a finished run holds, in numbers. */
function Counts({ run }: { run: Run }) {
  if (!run.counts) return null;
  const { found, absent } = run.counts;
  const open = toCheck(run);
  return (
    <span className="flex items-center gap-3 text-xs text-muted max-sm:order-last max-sm:basis-full max-sm:pl-7">
      {open > 0 ? (
        <span className="inline-flex items-center gap-1 rounded bg-warn-soft px-1.5 py-0.5 font-medium text-warn">
          <StandingIcon standing="failed" className="size-3 text-warn" />
          {open} to check
        </span>
      ) : null}
      <span className="inline-flex items-center gap-1" title="Values found">
        <StandingIcon standing="found" />
        {found}
        <span className="sr-only"> values found</span>
      </span>
      <span className="inline-flex items-center gap-1 max-sm:hidden" title="Not in the document">
        <StandingIcon standing="absent" />
        {absent}
        <span className="sr-only"> not in the document</span>
      </span>
    </span>
  );
}

/** Under the name: what happens now, or what was. */
function Detail({ run, task }: Pick<Props, "run" | "task">) {
  if (run.state === "failed")
    return <span className="text-bad">{run.error?.detail ?? "It could not be read."}</span>;
  if (isActive(run.state)) return <>{[task, doing(run)].filter(Boolean).join(" · ")}</>;
  const took = elapsed(run.started_at, run.finished_at);
  const parts = [
    task,
    run.state === "cancelled" ? "Cancelled" : null,
    run.document.page_count ? count(run.document.page_count, "page") : null,
    took === null ? null : seconds(took),
  ];
  return <>{parts.filter(Boolean).join(" · ")}</>;
}

/** One run. The name is the link; the whole line is its target. */
export function RunRow({ run, task, onCancel, onRetry, onRemove }: Props) {
  const active = isActive(run.state);
  return (
    <li
      data-run={run.id}
      data-state={run.state}
      className="group relative flex items-center gap-x-3 gap-y-1 px-4 py-2.5 focus-within:bg-hover hover:bg-hover max-sm:flex-wrap"
    >
      <RunStateIcon run={run} />
      <div className="min-w-0 flex-1">
        <Link
          to="/runs/$runId"
          params={{ runId: run.id }}
          data-run-link
          className="block truncate text-sm font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-lg focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {run.document.name}
          <span className="sr-only">, {stateLook(run).word}</span>
        </Link>
        <p
          className="text-xs text-muted max-sm:line-clamp-3"
          aria-live={active ? "polite" : undefined}
        >
          <Detail run={run} task={task} />
        </p>
      </div>
      {active ? (
        <Meter value={fraction(run)} label={`Reading ${run.document.name}`} />
      ) : (
        <Counts run={run} />
      )}
      <time
        dateTime={run.created_at}
        title={moment(run.created_at)}
        className="w-20 shrink-0 text-right text-xs text-muted group-focus-within:invisible group-hover:invisible max-sm:hidden"
      >
        {ago(run.created_at)}
      </time>
      <span
        className={cx(
          "absolute right-3 z-10 flex justify-end bg-hover max-sm:static max-sm:bg-transparent",
          "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-sm:opacity-100",
        )}
      >
        {active ? (
          <IconButton label={`Cancel ${run.document.name}`} onClick={() => onCancel(run.id)}>
            <X className="size-4" />
          </IconButton>
        ) : null}
        {run.state === "failed" || run.state === "cancelled" ? (
          <IconButton label={`Try ${run.document.name} again`} onClick={() => onRetry(run.id)}>
            <RotateCw className="size-4" />
          </IconButton>
        ) : null}
        {active ? null : (
          <IconButton
            label={`Remove ${run.document.name} ( x )`}
            className="max-sm:hidden"
            onClick={() => onRemove(run.id, run.document.name)}
          >
            <Trash2 className="size-4" />
          </IconButton>
        )}
      </span>
    </li>
  );
}
