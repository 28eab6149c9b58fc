import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { IconButton } from "./button";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action: { label: string; run: () => void } | null;
}

const SHOWN_MS = 6000;
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number) {
  publish(toasts.filter((toast) => toast.id !== id));
}

/** Says something at the edge of the screen for a few seconds, perhaps with a way to undo it. */
export function toast(
  text: string,
  options: { bad?: boolean; action?: Toast["action"] } = {},
): void {
  const id = nextId++;
  publish([
    ...toasts.slice(-2),
    { id, text, bad: options.bad ?? false, action: options.action ?? null },
  ]);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Where toasts appear; mounted once. */
export function Toaster() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section
      aria-label="Messages"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-3 bottom-3 z-50 flex flex-col items-center gap-2"
    >
      {shown.map((each) => (
        <div
          key={each.id}
          className="pointer-events-auto flex max-w-lg animate-rise items-center gap-2 rounded-lg bg-ink py-1 pr-1 pl-3.5 text-sm text-bg shadow-pop"
        >
          <span>{each.text}</span>
          {each.action ? (
            <button
              type="button"
              className="rounded px-2 py-1 font-semibold underline underline-offset-2"
              onClick={() => {
                each.action?.run();
                dismiss(each.id);
              }}
            >
              {each.action.label}
            </button>
          ) : null}
          <IconButton
            label="Dismiss"
            className="size-7 text-bg/70 hover:bg-white/10 hover:text-bg"
            onClick={() => dismiss(each.id)}
          >
            <X className="size-3.5" />
          </IconButton>
        </div>
      ))}
    </section>
  );
}
