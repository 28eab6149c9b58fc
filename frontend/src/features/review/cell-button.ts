import { cx } from "@/lib/cx";
import type { Shown } from "./model";
import type { Selection } from "./use-selection";

/** How selected, hovered and doubtful cells look; the same in rows, tables and cards. */
export function cellClass(shown: Shown, { selected, hovered }: Selection): string {
  const { path } = shown.cell;
  return cx(
    "scroll-my-10 focus-visible:-outline-offset-2",
    path === selected && "bg-accent-soft ring-1 ring-accent ring-inset",
    path === hovered && path !== selected && "bg-hover ring-1 ring-line-strong ring-inset",
  );
}

/** What makes a button the one of a cell: its names for tests and for screen readers, and what it does. */
export function cellButton(shown: Shown, selection: Selection) {
  const { path } = shown.cell;
  return {
    type: "button" as const,
    "data-cell": path,
    "data-standing": shown.standing,
    "aria-current": path === selection.selected ? ("true" as const) : undefined,
    onClick: () => selection.select(path),
    onFocus: () => path !== selection.selected && selection.select(path),
    onPointerEnter: () => selection.hover(path),
    onPointerLeave: () => selection.hover(null),
  };
}
