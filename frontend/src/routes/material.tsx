import { name as brand } from "virtual:brand";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { Examples } from "@/features/material/examples";
import { ListEditor } from "@/features/material/list-editor";
import { Passages } from "@/features/material/passages";
import { PlaybookEditor } from "@/features/material/playbook-editor";
import { useHotkeys } from "@/lib/hotkeys";
import { sentence } from "@/lib/problem";
import { materialQuery, taskQuery } from "@/lib/queries";

const route = getRouteApi("/tasks/$taskId/material");

/** What a task is read with: the customer's own, or a sample company's. */
export function MaterialPage() {
  const { taskId } = route.useParams();
  const navigate = useNavigate();
  const task = useQuery(taskQuery(taskId));
  const material = useQuery(materialQuery(taskId));
  useHotkeys({ Escape: () => void navigate({ to: "/", search: { task: taskId } }) });
  const title = task.data?.title;
  useEffect(() => {
    document.title = title ? `Material for ${title} · ${brand}` : brand;
  }, [title]);
  const error = task.error ?? material.error;
  const { uses } = material.data ?? {};
  const nothing =
    uses && uses.lists.length === 0 && !uses.passages && !uses.playbook && !uses.examples;
  return (
    <div className="flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-3xl flex-col gap-4 px-4 pt-8 pb-24 max-sm:pt-4">
        <header>
          <Link
            to="/"
            search={{ task: taskId }}
            className="text-sm text-muted underline-offset-2 hover:underline"
          >
            {title ?? "Back"}
          </Link>
          <h1 className="text-xl font-semibold tracking-tight max-sm:text-lg">Your material</h1>
          <p className="mt-1 text-sm text-muted">
            What documents are read with. So that you can try it, everything comes from a sample
            company at first. Bring your own, part by part; each run keeps what it was read with.
          </p>
        </header>
        {error ? (
          <Notice title="This could not be loaded">
            {sentence(error)}{" "}
            <Link to="/" className={buttonClass("quiet", true)}>
              Back to the tasks
            </Link>
          </Notice>
        ) : null}
        {material.isPending && !error ? <Skeleton className="h-64 rounded-xl" /> : null}
        {material.data ? (
          <>
            {material.data.lists.map((list) => (
              <ListEditor key={list.name} material={material.data} list={list} />
            ))}
            {material.data.uses.passages ? <Passages task={taskId} /> : null}
            {material.data.uses.playbook ? <PlaybookEditor material={material.data} /> : null}
            {material.data.lists.length > 0 && material.data.uses.examples ? (
              <Examples material={material.data} />
            ) : null}
            {nothing ? (
              <p className="rounded-xl border border-line bg-surface px-4 py-6 text-center text-sm text-muted">
                This task needs nothing of yours: what it asks is the same for everybody.
              </p>
            ) : null}
          </>
        ) : null}
      </div>
    </div>
  );
}
