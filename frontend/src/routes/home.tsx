import { name, tagline } from "virtual:brand";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { BookOpenText, FileText } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { RunList } from "@/features/runs/run-list";
import { lookOf } from "@/features/tasks/look";
import { TaskCards, TaskCardsPlaceholder } from "@/features/tasks/task-cards";
import { DropAnywhere } from "@/features/uploads/drop-anywhere";
import { DropZone } from "@/features/uploads/drop-zone";
import { UploadQueue } from "@/features/uploads/queue";
import { TextEntry } from "@/features/uploads/text-entry";
import { UploadRows } from "@/features/uploads/upload-rows";
import { listSamples, runSample, runText } from "@/lib/api";
import { useHotkeys } from "@/lib/hotkeys";
import { sentence } from "@/lib/problem";
import { samplesQuery, tasksQuery } from "@/lib/queries";

const route = getRouteApi("/");
const SAMPLES_SHOWN = 4;

/** `invoice-two-pages.pdf` reads as `invoice two pages`. */
function readable(sample: string): string {
  return sample.replace(/\.[a-z0-9]+$/i, "").replace(/[-_]+/g, " ");
}

interface SamplesProps {
  task: string;
  busy: boolean;
  onTry: (task: string, sample: string) => void;
}

/** For those who have no document at hand. */
function Samples({ task, busy, onTry }: SamplesProps) {
  const samples = useQuery(samplesQuery(task));
  const items = samples.data?.items.slice(0, SAMPLES_SHOWN) ?? [];
  if (items.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <p className="text-muted">No document at hand? Try one of ours:</p>
      <ul className="flex flex-wrap gap-2">
        {items.map((sample) => (
          <li key={sample.name}>
            <button
              type="button"
              disabled={busy}
              onClick={() => onTry(task, sample.name)}
              className="inline-flex items-center gap-1.5 rounded-full border border-line-strong bg-raised px-3 py-1 hover:bg-hover disabled:opacity-50"
            >
              <FileText aria-hidden className="size-3.5 text-muted" />
              {readable(sample.name)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Sends a sample or a text and opens its run, so that one sees it being read. */
function useStart() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (what: { task: string; sample?: string; text?: string }) => {
      if (what.text !== undefined) return runText(what.task, what.text, crypto.randomUUID());
      const sample = what.sample ?? (await listSamples(what.task)).items[0]?.name;
      if (sample === undefined) throw new Error("no sample");
      return runSample(what.task, sample);
    },
    onError: (error) => toast(sentence(error), { bad: true }),
    onSuccess: (runs) => {
      void client.invalidateQueries({ queryKey: ["runs"] });
      const runId = runs.items[0]?.id;
      if (runId) void navigate({ to: "/runs/$runId", params: { runId } });
    },
  });
}

/** What shall be read, where it goes in, and the runs below. The address holds the choice. */
export function Home() {
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/" });
  const search = route.useSearch();
  const tasks = useQuery(tasksQuery);
  const start = useStart();
  const [queue] = useState(
    () => new UploadQueue(() => void client.invalidateQueries({ queryKey: ["runs"] })),
  );
  const input = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);

  const offered = tasks.data?.items ?? [];
  const task = offered.find((each) => each.id === search.task) ?? offered[0];
  const look = lookOf(task?.id ?? "");
  const titles = useMemo(
    () => new Map(tasks.data?.items.map((each) => [each.id, each.title])),
    [tasks.data],
  );
  const choose = (id: string) =>
    void navigate({ search: (now) => ({ ...now, task: id }), replace: true });
  const take = (files: File[]) => {
    if (task) queue.add(files, task.id);
    else toast("The list of tasks has not loaded yet. Try again in a moment.", { bad: true });
  };
  const digits = Object.fromEntries(
    offered.slice(0, 9).map((each, index) => [`${index + 1}`, () => choose(each.id)]),
  );
  useHotkeys({
    ...digits,
    u: () => input.current?.click(),
    p: () => field.current?.focus(),
  });
  useEffect(() => {
    document.title = name;
  }, []);

  return (
    <div className="flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-4xl flex-col gap-4 px-4 pt-8 pb-24 max-sm:pt-4">
        <h1 className="text-xl font-semibold tracking-tight max-sm:text-lg">{tagline}</h1>
        {tasks.isError ? (
          <Notice title="The tasks could not be loaded">{sentence(tasks.error)}</Notice>
        ) : null}
        {tasks.isPending ? <TaskCardsPlaceholder /> : null}
        {task ? (
          <TaskCards
            tasks={offered}
            value={task.id}
            onChange={choose}
            onTry={(id) => start.mutate({ task: id })}
            busy={start.isPending}
          />
        ) : null}
        <DropZone
          onFiles={take}
          input={input}
          large={look.paste === null}
          takes={look.takes}
          text={
            task && look.paste !== null ? (
              <TextEntry
                field={field}
                example={look.paste}
                busy={start.isPending}
                onText={(text) =>
                  start.mutateAsync({ task: task.id, text }).then(
                    () => true,
                    () => false,
                  )
                }
              />
            ) : null
          }
          more={
            task ? (
              <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
                <Samples
                  task={task.id}
                  busy={start.isPending}
                  onTry={(id, sample) => start.mutate({ task: id, sample })}
                />
                {look.own ? (
                  <Link
                    to="/tasks/$taskId/material"
                    params={{ taskId: task.id }}
                    className="inline-flex items-center gap-1.5 text-sm font-medium underline-offset-2 hover:underline"
                  >
                    <BookOpenText aria-hidden className="size-4 text-muted" />
                    Read with {look.own}
                  </Link>
                ) : null}
              </div>
            ) : null
          }
        />
        <UploadRows queue={queue} />
        <RunList
          task={search.only ?? null}
          titles={titles}
          onFilter={(only) =>
            void navigate({
              search: (now) => ({ ...now, only: only ?? undefined }),
              replace: true,
            })
          }
        />
      </div>
      <DropAnywhere onFiles={take} into={task?.title ?? "documents"} />
    </div>
  );
}
