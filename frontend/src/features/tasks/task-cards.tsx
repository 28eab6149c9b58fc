import { Play } from "lucide-react";
import { Skeleton } from "@/components/ui/skeleton";
import { cx } from "@/lib/cx";
import type { TaskSummary } from "@/lib/types";
import { lookOf } from "./look";

interface Props {
  tasks: TaskSummary[];
  value: string;
  onChange: (id: string) => void;
  /** Runs one of the task's own samples at once. */
  onTry: (id: string) => void;
  /** While a sample is being sent. */
  busy: boolean;
}

/** What documents can be read as: one of a few cards, chosen with a click, the arrow keys or a digit. */
export function TaskCards({ tasks, value, onChange, onTry, busy }: Props) {
  return (
    <fieldset>
      <legend className="mb-2 text-sm text-muted">What shall be read?</legend>
      <ul className="grid grid-cols-3 gap-2 max-md:grid-cols-2">
        {tasks.map((task, index) => {
          const { icon: Icon, gives } = lookOf(task.id);
          const chosen = task.id === value;
          return (
            <li
              key={task.id}
              data-task={task.id}
              className={cx(
                "relative flex flex-col rounded-xl border transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
                chosen
                  ? "border-accent bg-accent-soft"
                  : "border-line bg-surface hover:border-line-strong",
              )}
            >
              <label className="flex flex-1 cursor-pointer gap-2.5 p-3 max-sm:items-center max-sm:p-2.5">
                <input
                  type="radio"
                  name="task"
                  value={task.id}
                  checked={chosen}
                  onChange={() => onChange(task.id)}
                  className="sr-only"
                />
                <Icon
                  aria-hidden
                  className={cx(
                    "mt-0.5 size-4 shrink-0 max-sm:mt-0",
                    chosen ? "text-accent" : "text-muted",
                  )}
                />
                <span className="min-w-0">
                  <span className="block text-sm font-semibold">{task.title}</span>
                  <span className="block text-xs text-muted max-sm:hidden">{gives}</span>
                </span>
                <span
                  aria-hidden
                  className="ml-auto text-xs text-muted opacity-60 max-md:hidden"
                  title={`Press ${index + 1}`}
                >
                  {index + 1}
                </span>
              </label>
              <button
                type="button"
                disabled={busy}
                onClick={() => onTry(task.id)}
                aria-label={`Try a sample of ${task.title}`}
                className="inline-flex items-center gap-1 self-start rounded-md px-3 pb-2.5 pl-9.5 text-xs font-medium text-accent underline-offset-2 hover:underline disabled:opacity-50 max-sm:hidden"
              >
                <Play aria-hidden className="size-3" />
                Try a sample
              </button>
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

/** Where the cards will stand. */
export function TaskCardsPlaceholder() {
  return (
    <div aria-hidden className="grid grid-cols-3 gap-2 max-md:grid-cols-2">
      {[1, 2, 3, 4, 5, 6].map((card) => (
        <Skeleton key={card} className="h-24 rounded-xl max-sm:h-12" />
      ))}
    </div>
  );
}
