import { useEffect, useMemo, useRef, useState } from "react";
import { useHotkeys } from "@/lib/hotkeys";
import type { RunDetail } from "@/lib/types";
import { marksByPage, spansByLine } from "./evidence";
import { isDoubtful, type Review } from "./model";
import { Sheet } from "./sheet";
import { TextPage } from "./text-page";
import { Thumbnails } from "./thumbnails";
import { doubtfulPaths, type Selection } from "./use-selection";
import { scrollInto, useCurrentPage, useWidth } from "./use-viewport";
import { ViewerBar } from "./viewer-bar";

const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
const WIDEST_PX = 1000;
const MARGIN_PX = 40;

/** The document: its pages one below the other, with the words of the cells lit. */
export function Viewer({
  run,
  review,
  selection,
}: {
  run: RunDetail;
  review: Review;
  selection: Selection;
}) {
  const view = useRef<HTMLElement>(null);
  const outer = useWidth(view);
  const [zoom, setZoom] = useState(1);
  const current = useCurrentPage(view, run.pages.length);

  const { selected, pulse, line } = selection;
  const cells = useMemo(() => review.order.map((shown) => shown.cell), [review]);
  const marks = useMemo(() => marksByPage(cells), [cells]);
  const spans = useMemo(() => spansByLine(cells), [cells]);
  const names = useMemo(
    () => new Map(review.order.map((shown) => [shown.cell.path, shown.name])),
    [review],
  );
  const doubtful = useMemo(() => doubtfulPaths(review), [review]);
  const doubtfulPages = useMemo(
    () =>
      new Set(
        review.order
          .filter(isDoubtful)
          .flatMap((shown) => shown.cell.evidence.map((each) => each.page)),
      ),
    [review],
  );

  const fit = Math.min(WIDEST_PX, Math.max(200, outer - (outer < 500 ? 16 : MARGIN_PX)));
  const width = Math.round(fit * zoom);

  // A new selection (or the same one again, which counts `pulse` up) brings its words into view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `pulse` and `width` are reasons to look again.
  useEffect(() => {
    if (!selected || outer === 0) return;
    const lit =
      (line === null ? null : view.current?.querySelector(`[data-lit][data-at="${line}"]`)) ??
      view.current?.querySelector("[data-lit]");
    if (view.current && lit) scrollInto(view.current, lit);
  }, [selected, line, pulse, outer > 0]);

  const goTo = (page: number) => {
    const target = view.current?.querySelector<HTMLElement>(`[data-page="${page}"]`);
    target?.scrollIntoView({ block: "start", behavior: "smooth" });
  };
  const zoomBy = (by: 1 | -1 | 0) => {
    const at = by > 0 ? ZOOMS.find((each) => each > zoom) : ZOOMS.findLast((each) => each < zoom);
    setZoom(by === 0 ? 1 : (at ?? zoom));
  };
  const turn = (by: 1 | -1) => goTo(Math.max(1, Math.min(run.pages.length, current + by)));
  useHotkeys({
    "+": () => zoomBy(1),
    "=": () => zoomBy(1),
    "-": () => zoomBy(-1),
    "0": () => zoomBy(0),
    "[": () => turn(-1),
    "]": () => turn(1),
  });

  return (
    <div className="relative flex min-h-0 min-w-0 flex-1 bg-canvas">
      {run.pages.length > 1 ? (
        <Thumbnails
          run={run.id}
          pages={run.pages}
          current={current}
          doubtful={doubtfulPages}
          onPage={goTo}
        />
      ) : null}
      <div className="relative min-w-0 flex-1">
        <section
          ref={view}
          aria-label="Pages of the document"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          tabIndex={0}
          data-viewer
          className="absolute inset-0 overflow-auto p-5 pb-20 max-sm:p-2 max-sm:pb-16"
        >
          {outer > 0 ? (
            <div className="flex min-w-max flex-col gap-5">
              {run.pages.map((page) =>
                page.has_image ? (
                  <Sheet
                    key={page.number}
                    run={run.id}
                    page={page}
                    marks={marks.get(page.number) ?? []}
                    names={names}
                    doubtful={doubtful}
                    selection={selection}
                    width={width}
                  />
                ) : (
                  <TextPage
                    key={page.number}
                    page={page}
                    lines={run.source?.lines.filter((line) => line.page === page.number) ?? []}
                    spans={spans}
                    names={names}
                    selection={selection}
                    width={fit}
                    zoom={zoom}
                  />
                ),
              )}
            </div>
          ) : null}
        </section>
        <ViewerBar
          page={current}
          pages={run.pages.length}
          zoom={zoom}
          onPage={goTo}
          onZoom={zoomBy}
        />
      </div>
    </div>
  );
}
