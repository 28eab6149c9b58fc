import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";

interface Props {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Something went wrong: what it is, and what to do. */
export function Notice({ title, children, action }: Props) {
  return (
    <div
      role="alert"
      className="flex items-start gap-3 rounded-lg border border-bad/40 bg-bad-soft px-4 py-3"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium">{title}</p>
        {children ? <div className="mt-0.5 break-words text-ink/85">{children}</div> : null}
      </div>
      {action}
    </div>
  );
}
