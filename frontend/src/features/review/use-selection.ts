import { useCallback, useState } from "react";
import { isDoubtful, type Review, rowPath, type Shown, step } from "./model";

type Arrow = "up" | "down" | "left" | "right";

/** Within a table, up and down keep the column; everywhere else they go through the cells in order. */
export function neighbour(
  order: readonly Shown[],
  path: string | null,
  arrow: Arrow,
): Shown | null {
  const at = path === null ? null : rowPath(path);
  if (at && (arrow === "up" || arrow === "down")) {
    const row = at.row + (arrow === "down" ? 1 : -1);
    const same = order.find((shown) => shown.cell.path === `${at.table}[${row}].${at.column}`);
    if (same) return same;
    // Beyond the table's edge: the first cell that is not of this table.
    const outside = order.filter((shown) => rowPath(shown.cell.path)?.table !== at.table);
    return step(order, outside, path, arrow === "down" ? 1 : -1);
  }
  if (!at && (arrow === "left" || arrow === "right")) return null;
  return step(order, order, path, arrow === "down" || arrow === "right" ? 1 : -1);
}

/** Finds the element of a cell in the panel. */
export function cellSelector(path: string): string {
  return `[data-cell="${CSS.escape(path)}"]`;
}

/** The one selected cell, the one under the pointer, and the ways to move. */
export function useSelection(
  review: Review,
  selected: string | null,
  onSelect: (path: string) => void,
) {
  const [hovered, setHovered] = useState<string | null>(null);
  /** The one line of the selected cell that was asked for, where a citation was followed. */
  const [line, setLine] = useState<number | null>(null);
  /** Counts selections, so that selecting the same cell again shows its words again. */
  const [pulse, setPulse] = useState(0);

  const select = useCallback(
    (path: string, cited: number | null = null) => {
      setPulse((n) => n + 1);
      setLine(cited);
      onSelect(path);
    },
    [onSelect],
  );

  const focus = (shown: Shown | null) => {
    if (!shown) return;
    select(shown.cell.path);
    const element = document.querySelector<HTMLElement>(cellSelector(shown.cell.path));
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  return {
    selected,
    hovered,
    pulse,
    line,
    select: (path: string) => select(path),
    /** Selects a cell and shows one of the lines that it rests on. */
    cite: (path: string, cited: number) => select(path, cited),
    hover: setHovered,
    next: () => focus(step(review.order, review.order, selected, 1)),
    previous: () => focus(step(review.order, review.order, selected, -1)),
    nextDoubtful: () => focus(step(review.order, review.stops, selected, 1)),
    previousDoubtful: () => focus(step(review.order, review.stops, selected, -1)),
    arrow: (arrow: Arrow) => focus(neighbour(review.order, selected, arrow)),
    /** Selects from the page: the cell comes into view in the panel. */
    reveal: (path: string) => focus(review.order.find((shown) => shown.cell.path === path) ?? null),
    shown: review.order.find((shown) => shown.cell.path === selected) ?? null,
  };
}

export type Selection = ReturnType<typeof useSelection>;

/** The paths of cells in doubt, for the page's own marks. */
export function doubtfulPaths(review: Review): Set<string> {
  return new Set(review.order.filter(isDoubtful).map((shown) => shown.cell.path));
}
