import { TriangleAlert } from "lucide-react";
import { cx } from "@/lib/cx";
import type { Shown } from "./model";
import type { Selection } from "./use-selection";
import { sentences } from "./value";

/** Generated sentences, each with the lines that it rests on; a line's number leads to the line. */
export function Sentences({ shown, selection }: { shown: Shown; selection: Selection }) {
  const { path } = shown.cell;
  return (
    <span className="block space-y-1" data-testid="sentences">
      {sentences(shown.cell).map((sentence, index) => (
        <span
          key={index}
          data-supported={sentence.lines.length > 0}
          className={cx(
            "block break-words",
            sentence.lines.length === 0 &&
              "rounded border-l-2 border-warn bg-warn-soft px-1.5 py-0.5",
          )}
        >
          {sentence.text}{" "}
          {sentence.lines.map((line) => (
            <button
              key={line}
              type="button"
              title={`Show line ${line}`}
              data-cite={line}
              onClick={() => selection.cite(path, line)}
              className={cx(
                "mx-0.5 inline-flex min-w-6 justify-center rounded border border-line-strong px-1 align-baseline text-xs text-muted hover:bg-hover hover:text-ink",
                selection.selected === path &&
                  selection.line === line &&
                  "border-accent bg-accent-soft text-ink",
              )}
            >
              <span className="sr-only">Line </span>
              {line}
            </button>
          ))}
          {sentence.lines.length === 0 ? (
            <span className="inline-flex items-center gap-1 text-xs font-medium whitespace-nowrap text-warn">
              <TriangleAlert aria-hidden className="size-3" />
              Nothing in the document is cited
            </span>
          ) : null}
        </span>
      ))}
    </span>
  );
}
