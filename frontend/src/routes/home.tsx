import { name, tagline } from "virtual:brand";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { RunList } from "@/features/runs/run-list";
import { TaskPicker } from "@/features/tasks/task-picker";
import { DropAnywhere } from "@/features/uploads/drop-anywhere";
import { DropZone } from "@/features/uploads/drop-zone";
import { UploadQueue, useUploads } from "@/features/uploads/queue";
import { UploadRows } from "@/features/uploads/upload-rows";
import { runSample } from "@/lib/api";
import { useHotkeys } from "@/lib/hotkeys";
import { sentence } from "@/lib/problem";
import { runsQuery, samplesQuery, tasksQuery } from "@/lib/queries";

const SAMPLES_SHOWN = 3;

/** `invoice-two-pages.pdf` reads as `invoice two pages`. */
function readable(sample: string): string {
  return sample.replace(/\.[a-z0-9]+$/i, "").replace(/[-_]+/g, " ");
}

/** For those who have no document at hand. */
function Samples({ task }: { task: string }) {
  const client = useQueryClient();
  const samples = useQuery(samplesQuery(task));
  const start = useMutation({
    mutationFn: (sample: string) => runSample(task, sample),
    onError: (error) => toast(sentence(error), { bad: true }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["runs"] }),
  });
  const items = samples.data?.items.slice(0, SAMPLES_SHOWN) ?? [];
  if (items.length === 0) return null;
  return (
    <div className="mt-6 w-full border-t border-line pt-5 text-sm">
      <p className="mb-2 text-muted">No document at hand? Try one of ours.</p>
      <ul className="flex flex-wrap justify-center gap-2">
        {items.map((sample) => (
          <li key={sample.name}>
            <button
              type="button"
              disabled={start.isPending}
              onClick={() => start.mutate(sample.name)}
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

/** Files go in at the top, runs stand below. */
export function Home() {
  const client = useQueryClient();
  const tasks = useQuery(tasksQuery);
  const runs = useInfiniteQuery(runsQuery);
  const [queue] = useState(
    () => new UploadQueue(() => void client.invalidateQueries({ queryKey: ["runs"] })),
  );
  const uploads = useUploads(queue);
  const [chosen, setChosen] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);

  const offered = tasks.data?.items ?? [];
  const task = offered.find((each) => each.id === chosen) ?? offered[0];
  const empty = runs.data?.pages[0]?.items.length === 0 && uploads.length === 0;

  const take = (files: File[]) => {
    if (task) queue.add(files, task.id);
    else toast("The list of tasks has not loaded yet. Try again in a moment.", { bad: true });
  };
  useHotkeys({ u: () => input.current?.click() });
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
        <DropZone
          onFiles={take}
          input={input}
          large={empty}
          picker={<TaskPicker tasks={offered} value={task?.id ?? ""} onChange={setChosen} />}
          more={empty && task ? <Samples task={task.id} /> : null}
        />
        <UploadRows queue={queue} />
        <RunList />
      </div>
      <DropAnywhere onFiles={take} into={task?.title ?? "documents"} />
    </div>
  );
}
