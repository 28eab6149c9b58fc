import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronRight, FileText, FileUp, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toast";
import { addPassages, deletePassages } from "@/lib/api";
import { cx } from "@/lib/cx";
import { count, size } from "@/lib/format";
import { sentence } from "@/lib/problem";
import { passageFileQuery, passagesQuery } from "@/lib/queries";
import type { PassageFile } from "@/lib/types";
import { Section } from "./section";

/** A file as it was cut: what is searched, shown, and cited. */
function Cut({ task, file }: { task: string; file: string }) {
  const found = useQuery(passageFileQuery(task, file));
  if (found.isError) return <p className="px-4 pb-3 text-sm text-bad">{sentence(found.error)}</p>;
  if (!found.data) return <Skeleton className="mx-4 mb-3 h-16" />;
  return (
    <ol className="max-h-96 space-y-3 overflow-y-auto px-4 pb-3 pl-11">
      {found.data.items.map((passage) => (
        <li key={passage.id} className="text-sm">
          <p className="font-medium">{passage.title}</p>
          <p className="text-muted">{passage.lines.join(" ")}</p>
        </li>
      ))}
    </ol>
  );
}

interface RowProps {
  task: string;
  file: PassageFile;
  onDelete: (file: PassageFile) => void;
}

function FileRow({ task, file, onDelete }: RowProps) {
  const [open, setOpen] = useState(false);
  return (
    <li data-passages={file.name}>
      <div className="flex items-center gap-2 px-2 py-1.5">
        {file.id ? (
          <IconButton
            label={`${open ? "Hide" : "Show"} the passages of ${file.name}`}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight className={cx("size-4 transition-transform", open && "rotate-90")} />
          </IconButton>
        ) : (
          <FileText aria-hidden className="mx-2 my-2 size-4 shrink-0 text-muted" />
        )}
        <span className="min-w-0 flex-1 truncate text-sm font-medium">{file.name}</span>
        <span className="text-xs text-muted">
          {count(file.passages, "passage")}
          <span className="max-sm:hidden">, {size(file.size)}</span>
        </span>
        {file.id ? (
          <IconButton label={`Delete ${file.name}`} onClick={() => onDelete(file)}>
            <Trash2 className="size-4" />
          </IconButton>
        ) : null}
      </div>
      {open && file.id ? <Cut task={task} file={file.id} /> : null}
    </li>
  );
}

/** The files whose passages are looked up. */
export function Passages({ task }: { task: string }) {
  const client = useQueryClient();
  const files = useQuery(passagesQuery(task));
  const input = useRef<HTMLInputElement>(null);
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["passages", task] }),
      client.invalidateQueries({ queryKey: ["material", task] }),
    ]);
  const add = useMutation({
    mutationFn: (sent: File[]) => addPassages(task, sent),
    onSuccess: (_, sent) => toast(`${count(sent.length, "file")} added`),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: (file: PassageFile) => deletePassages(task, file.id ?? ""),
    onSuccess: (_, file) => toast(`${file.name} deleted`),
    onError: (error) => toast(sentence(error), { bad: true }),
    onSettled: refresh,
  });
  const take = (sent: File[]) => {
    if (sent.length > 0) add.mutate(sent);
  };
  return (
    <Section
      title="Documents to look things up in"
      own={files.data?.own ?? false}
      about="Help pages, policies, manuals. They are cut into passages; those that fit a document are shown beside it, and answers cite their lines."
      actions={
        <>
          <Button disabled={add.isPending} onClick={() => input.current?.click()}>
            <FileUp aria-hidden className="size-3.5" />
            {add.isPending ? "Reading" : "Add files"}
          </Button>
          <input
            ref={input}
            type="file"
            multiple
            className="sr-only"
            tabIndex={-1}
            aria-label="Files of passages"
            onChange={(event) => {
              take([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
        </>
      }
    >
      {add.isError ? (
        <p role="alert" className="mb-3 rounded-lg bg-bad-soft px-3 py-2 text-sm">
          {sentence(add.error)} Nothing was added.
        </p>
      ) : null}
      {files.isError ? <p className="text-sm text-bad">{sentence(files.error)}</p> : null}
      {files.isPending ? <Skeleton className="h-20" /> : null}
      {files.data && files.data.items.length > 0 ? (
        <ul
          aria-label="What is looked through"
          className="divide-y divide-line rounded-lg border border-line"
        >
          {files.data.items.map((file) => (
            <FileRow key={file.id ?? file.name} task={task} file={file} onDelete={remove.mutate} />
          ))}
        </ul>
      ) : null}
      {files.data?.items.length === 0 ? (
        <p className="text-sm text-muted">
          There are none yet. Add Markdown, text, HTML, PDF or Word files.
        </p>
      ) : null}
      {files.data && !files.data.own && files.data.items.length > 0 ? (
        <p className="mt-3 text-xs text-muted">
          These belong to a sample company. As soon as you add a file, only yours count.
        </p>
      ) : null}
    </Section>
  );
}
