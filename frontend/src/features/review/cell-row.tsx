import { StandingIcon, standings } from "@/components/ui/status";
import { cx } from "@/lib/cx";
import { isDoubtful, type Shown } from "./model";
import type { Selection } from "./use-selection";
import { isNumeric, written } from "./value";

/** How selected, hovered and doubtful cells look; the same in rows and tables. */
export function cellClass(shown: Shown, { selected, hovered }: Selection): string {
  const { path } = shown.cell;
  return cx(
    "scroll-my-10 focus-visible:-outline-offset-2",
    path === selected && "bg-accent-soft ring-1 ring-accent ring-inset",
    path === hovered && path !== selected && "bg-hover ring-1 ring-line-strong ring-inset",
  );
}

interface Props {
  shown: Shown;
  selection: Selection;
}

/** A label and its value, with what it wants from a person. */
export function CellRow({ shown, selection }: Props) {
  const { cell, field, standing } = shown;
  const value = written(cell, field);
  const doubtful = isDoubtful(shown);
  return (
    <button
      type="button"
      data-cell={cell.path}
      data-standing={standing}
      aria-current={cell.path === selection.selected ? "true" : undefined}
      onClick={() => selection.select(cell.path)}
      onFocus={() => cell.path !== selection.selected && selection.select(cell.path)}
      onPointerEnter={() => selection.hover(cell.path)}
      onPointerLeave={() => selection.hover(null)}
      className={cx(
        "flex w-full items-baseline gap-3 px-4 py-1.5 text-left text-sm hover:bg-hover max-sm:py-2",
        cellClass(shown, selection),
      )}
    >
      <span className="w-40 shrink-0 text-muted max-sm:w-28">{field.label}</span>
      <span className="min-w-0 flex-1">
        <span className={cx("break-words", isNumeric(field) && "font-medium")}>
          {value ?? <span className="font-mono text-xs">{cell.raw}</span>}
        </span>
        {doubtful ? (
          <span className={cx("block text-xs", standings[standing].text)}>
            {shown.failed[0]?.detail ?? cell.reason ?? standings[standing].about}
          </span>
        ) : null}
      </span>
      <span
        className={cx(
          "flex shrink-0 items-center gap-1 self-start pt-0.5 text-xs",
          doubtful && "font-medium",
          standings[standing].text,
        )}
      >
        <span className={standing === "found" ? "sr-only" : ""}>{standings[standing].word}</span>
        <StandingIcon standing={standing} />
      </span>
    </button>
  );
}
