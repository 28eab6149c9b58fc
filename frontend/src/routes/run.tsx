import { name as brand } from "virtual:brand";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ChevronDown, Download } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { Button, buttonClass } from "@/components/ui/button";
import { Menu, MenuLink, MenuSeparator } from "@/components/ui/menu";
import { Meter } from "@/components/ui/meter";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { Review } from "@/features/review/review";
import { useRunActions } from "@/features/runs/actions";
import { doing, fraction } from "@/features/runs/progress";
import { RunStateIcon, stateLook } from "@/features/runs/run-state";
import { exportFile, originalFile } from "@/lib/api";
import { useHotkeys } from "@/lib/hotkeys";
import { ApiProblem, sentence } from "@/lib/problem";
import { isActive, runQuery, taskQuery } from "@/lib/queries";
import { useRunEvents } from "@/lib/run-events";
import type { RunDetail } from "@/lib/types";

const route = getRouteApi("/runs/$runId");

/** Puts what belongs to this page into the frame's header. */
function Head({ children }: { children: ReactNode }) {
  const [place, setPlace] = useState<Element | null>(null);
  useEffect(() => setPlace(document.getElementById("page-head")), []);
  return place ? createPortal(children, place) : null;
}

function RunHead({ run }: { run: RunDetail }) {
  return (
    <Head>
      <span aria-hidden className="text-line-strong">
        /
      </span>
      <RunStateIcon run={run} />
      <h1 className="min-w-0 truncate text-sm font-medium" title={run.document.name}>
        {run.document.name}
      </h1>
      <span className="shrink-0 text-xs text-muted max-sm:sr-only">{stateLook(run).word}</span>
      <span className="flex-1" />
      <Menu
        trigger={
          <Button small>
            <Download aria-hidden className="size-3.5" />
            <span className="max-sm:sr-only">Export</span>
            <ChevronDown aria-hidden className="size-3 text-muted" />
          </Button>
        }
      >
        {run.state === "done" ? (
          <>
            {run.cells.some((cell) => cell.path.includes("].")) ? (
              <MenuLink href={exportFile(run.id, "csv", "rows")} download>
                Rows as CSV
              </MenuLink>
            ) : null}
            <MenuLink href={exportFile(run.id, "csv", "cells")} download>
              Values as CSV
            </MenuLink>
            <MenuLink href={exportFile(run.id, "json")} download>
              Values with proof as JSON
            </MenuLink>
            <MenuSeparator />
          </>
        ) : null}
        <MenuLink href={originalFile(run.id)} download>
          Original document
        </MenuLink>
      </Menu>
    </Head>
  );
}

/** While nothing can be shown yet, the place where it will stand. */
function Placeholder() {
  return (
    <div aria-hidden className="flex min-h-0 flex-1 max-md:flex-col">
      <div className="flex flex-[1.15] justify-center bg-canvas p-5">
        <Skeleton className="h-full w-full max-w-xl rounded-sm" />
      </div>
      <div className="flex-1 space-y-4 border-l border-line-strong bg-surface p-5">
        {[70, 50, 60, 40, 65, 55].map((width) => (
          <div key={width} className="flex gap-4">
            <Skeleton className="h-4 w-28" />
            <span className="flex-1" style={{ maxWidth: `${width}%` }}>
              <Skeleton className="h-4 w-full" />
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

function Message({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-xl flex-1 flex-col justify-center gap-4 p-6">
      {children}
    </div>
  );
}

function AtWork({ run }: { run: RunDetail }) {
  const { cancel } = useRunActions();
  return (
    <div className="relative flex min-h-0 flex-1">
      <Placeholder />
      <div role="status" className="absolute inset-0 flex items-center justify-center">
        <div className="flex flex-col items-center gap-3 rounded-xl border border-line bg-raised px-8 py-6 shadow-pop">
          <p className="font-medium">{doing(run)}</p>
          <Meter value={fraction(run)} label={`Reading ${run.document.name}`} />
          <Button look="quiet" small onClick={() => cancel(run.id)}>
            Cancel
          </Button>
        </div>
      </div>
    </div>
  );
}

function Ended({ run }: { run: RunDetail }) {
  const { retry } = useRunActions();
  const failed = run.state === "failed";
  return (
    <Message>
      <Notice
        title={
          failed
            ? (run.error?.title ?? "This document could not be read")
            : "This run was cancelled"
        }
      >
        {failed ? run.error?.detail : "Nothing was read. Try again whenever you like."}
      </Notice>
      <p className="flex gap-2">
        <Button look="primary" onClick={() => retry(run.id)}>
          Try again
        </Button>
        <Link to="/" className={buttonClass()}>
          Back to the runs
        </Link>
      </p>
    </Message>
  );
}

/** One run: at work, ended, or done and ready to be looked through. */
export function RunPage() {
  const { runId } = route.useParams();
  const { cell } = route.useSearch();
  const navigate = useNavigate();
  const run = useQuery(runQuery(runId));
  const task = useQuery({ ...taskQuery(run.data?.task ?? ""), enabled: run.data !== undefined });
  useRunEvents(runId, run.data !== undefined && isActive(run.data.state));

  const select = useCallback(
    (path: string) =>
      void navigate({
        to: "/runs/$runId",
        params: { runId },
        search: { cell: path },
        replace: true,
      }),
    [navigate, runId],
  );
  const came = run.data?.task;
  useHotkeys({ Escape: () => void navigate({ to: "/", search: came ? { task: came } : {} }) });
  const title = run.data?.document.name;
  useEffect(() => {
    document.title = title ? `${title} · ${brand}` : brand;
  }, [title]);

  const error = run.error ?? task.error;
  if (error && !(run.data && task.data)) {
    const gone = error instanceof ApiProblem && error.problem.status === 404;
    return (
      <Message>
        <Notice title={gone ? "There is no such run" : "The run could not be loaded"}>
          {sentence(error)}
        </Notice>
        <p className="flex gap-2">
          {gone ? null : (
            <Button
              look="primary"
              onClick={() => void Promise.all([run.refetch(), task.refetch()])}
            >
              Try again
            </Button>
          )}
          <Link to="/" className={buttonClass()}>
            Back to the runs
          </Link>
        </p>
      </Message>
    );
  }
  if (!run.data || !task.data) return <Placeholder />;
  return (
    <>
      <RunHead run={run.data} />
      {isActive(run.data.state) ? <AtWork run={run.data} /> : null}
      {run.data.state === "failed" || run.data.state === "cancelled" ? (
        <Ended run={run.data} />
      ) : null}
      {run.data.state === "done" ? (
        <Review run={run.data} task={task.data} selected={cell ?? null} onSelect={select} />
      ) : null}
    </>
  );
}
