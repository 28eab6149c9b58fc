import { ChevronDown, ChevronUp, Minus, Plus } from "lucide-react";
import { IconButton } from "@/components/ui/button";

interface Props {
  page: number;
  pages: number;
  zoom: number;
  onPage: (page: number) => void;
  onZoom: (by: 1 | -1 | 0) => void;
}

/** Pages and zoom, floating over the document. */
export function ViewerBar({ page, pages, zoom, onPage, onZoom }: Props) {
  return (
    <div
      role="toolbar"
      aria-label="Page view"
      className="absolute bottom-3 left-1/2 z-20 flex -translate-x-1/2 items-center rounded-lg border border-line-strong bg-raised/95 p-0.5 text-xs shadow-pop"
    >
      {pages > 1 ? (
        <>
          <IconButton
            label="Previous page ( [ )"
            disabled={page <= 1}
            onClick={() => onPage(page - 1)}
          >
            <ChevronUp className="size-4" />
          </IconButton>
          <span className="px-1 whitespace-nowrap text-muted" data-testid="page-of">
            {page} / {pages}
          </span>
          <IconButton
            label="Next page ( ] )"
            disabled={page >= pages}
            onClick={() => onPage(page + 1)}
          >
            <ChevronDown className="size-4" />
          </IconButton>
          <span aria-hidden className="mx-1 h-5 w-px bg-line-strong" />
        </>
      ) : null}
      <IconButton label="Smaller ( - )" onClick={() => onZoom(-1)}>
        <Minus className="size-4" />
      </IconButton>
      <button
        type="button"
        title="Fit the width ( 0 )"
        className="w-11 rounded px-1 py-1.5 text-center text-muted hover:bg-hover hover:text-ink"
        onClick={() => onZoom(0)}
      >
        {Math.round(zoom * 100)}%<span className="sr-only">, fit the width</span>
      </button>
      <IconButton label="Larger ( + )" onClick={() => onZoom(1)}>
        <Plus className="size-4" />
      </IconButton>
    </div>
  );
}
