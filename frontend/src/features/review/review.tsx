import { useEffect, useMemo } from "react";
import { useHotkeys } from "@/lib/hotkeys";
import type { RunDetail, Task } from "@/lib/types";
import { CellDetail, copyCell } from "./cell-detail";
import { Cells } from "./cells";
import { review as makeReview } from "./model";
import { cellSelector, useSelection } from "./use-selection";
import { Viewer } from "./viewer";

interface Props {
  run: RunDetail;
  task: Task;
  /** The path of the selected cell, kept by the caller in the address. */
  selected: string | null;
  onSelect: (path: string) => void;
}

/** Page and cells, side by side; on a narrow screen one above the other. */
export function Review({ run, task, selected, onSelect }: Props) {
  const review = useMemo(
    () => makeReview(task, run.cells, run.rules),
    [task, run.cells, run.rules],
  );
  const selection = useSelection(review, selected, onSelect);
  const { shown } = selection;

  // After the detail has taken its room, the selected cell must still be in sight.
  const path = shown?.cell.path;
  useEffect(() => {
    if (path) document.querySelector(cellSelector(path))?.scrollIntoView({ block: "nearest" });
  }, [path]);

  useHotkeys({
    j: selection.next,
    k: selection.previous,
    n: selection.nextDoubtful,
    "shift+n": selection.previousDoubtful,
    ArrowDown: () => selection.arrow("down"),
    ArrowUp: () => selection.arrow("up"),
    ArrowLeft: () => selection.arrow("left"),
    ArrowRight: () => selection.arrow("right"),
    c: () => shown && copyCell(shown),
  });

  return (
    <div className="flex min-h-0 flex-1 max-md:flex-col">
      <div className="flex min-h-0 min-w-0 flex-[1.15] max-md:h-[42%] max-md:flex-none">
        <Viewer run={run} review={review} selection={selection} />
      </div>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col border-line-strong bg-surface max-md:border-t md:min-w-105 md:border-l">
        <Cells review={review} notes={run.notes} selection={selection} />
        {shown ? <CellDetail shown={shown} run={run} selection={selection} /> : null}
      </div>
    </div>
  );
}
