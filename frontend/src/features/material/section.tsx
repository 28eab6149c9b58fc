import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { putMaterial } from "@/lib/api";
import { cx } from "@/lib/cx";
import { ApiProblem, sentence } from "@/lib/problem";
import type { MaterialUpdate } from "@/lib/types";

/** One thing that the server found wrong, by the line or the place in which it stands. */
export interface Issue {
  line: number;
  field: string;
  message: string;
}

/** What was refused, by lines and places where the server names them. */
export function issuesOf(error: unknown): Issue[] {
  if (!(error instanceof ApiProblem)) return [];
  const { issues } = error.problem as { issues?: Issue[] };
  return issues ?? [];
}

/** Saves parts of a task's material, and says so. */
export function useSave(task: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (parts: MaterialUpdate) => putMaterial(task, parts),
    onSuccess: (material) => {
      client.setQueryData(["material", task], material);
      void client.invalidateQueries({ queryKey: ["task", task] });
      toast("Saved. Runs that begin from now on are read with it.");
    },
  });
}

interface SectionProps {
  title: string;
  about: ReactNode;
  /** Whose it is now. */
  own: boolean;
  children: ReactNode;
  actions?: ReactNode;
}

/** A part of the material: what it is, whose it is, and its editor. */
export function Section({ title, about, own, children, actions }: SectionProps) {
  return (
    <section
      aria-label={title}
      className="overflow-hidden rounded-xl border border-line bg-surface"
    >
      <header className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-4 py-3">
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <h2 className="flex items-center gap-2 text-base font-semibold">
            {title}
            <span
              className={cx(
                "rounded px-1.5 py-0.5 text-xs font-medium",
                own ? "bg-accent-soft text-accent" : "bg-sunken text-muted",
              )}
            >
              {own ? "Yours" : "Sample company"}
            </span>
          </h2>
          <p className="mt-0.5 text-sm text-muted">{about}</p>
        </div>
        {actions}
      </header>
      <div className="p-4">{children}</div>
    </section>
  );
}

interface SaveBarProps {
  changed: boolean;
  own: boolean;
  busy: boolean;
  error: unknown;
  /** In which line of the editor an issue stands. */
  lineOf?: (issue: Issue) => number | null;
  onDiscard: () => void;
  onGiveUp: () => void;
}

/** Save, discard, or go back to the sample company's; and what was refused. */
export function SaveBar({ changed, own, busy, error, lineOf, onDiscard, onGiveUp }: SaveBarProps) {
  const issues = issuesOf(error);
  return (
    <>
      {error ? (
        <div role="alert" className="mt-3 rounded-lg bg-bad-soft px-3 py-2 text-sm">
          {issues.length > 0 ? (
            <>
              <p className="font-medium">Nothing was saved. Correct this first:</p>
              <ul className="mt-1 list-disc pl-5">
                {issues.map((issue) => {
                  const line = lineOf ? lineOf(issue) : issue.line;
                  return (
                    <li key={`${issue.line} ${issue.field} ${issue.message}`}>
                      {line === null ? "" : `Line ${line}: `}
                      {issue.message}
                    </li>
                  );
                })}
              </ul>
            </>
          ) : (
            sentence(error)
          )}
        </div>
      ) : null}
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" disabled={!changed || busy}>
          Save
        </Button>
        {changed ? (
          <Button look="quiet" onClick={onDiscard}>
            Discard
          </Button>
        ) : null}
        <span className="flex-1" />
        {own ? (
          <Button look="quiet" disabled={busy} onClick={onGiveUp}>
            Use the sample company's
          </Button>
        ) : null}
      </div>
    </>
  );
}

export const editorClass =
  "block w-full resize-y rounded-lg border border-line-strong bg-raised px-3 py-2 text-sm";
