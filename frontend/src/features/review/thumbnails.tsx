import { pageImage } from "@/lib/api";
import { cx } from "@/lib/cx";
import type { Page } from "@/lib/types";

interface Props {
  run: string;
  pages: readonly Page[];
  current: number;
  /** The pages that hold words of cells in doubt. */
  doubtful: ReadonlySet<number>;
  onPage: (page: number) => void;
}

/** All pages, small; a dot marks those with something to check. */
export function Thumbnails({ run, pages, current, doubtful, onPage }: Props) {
  return (
    <nav
      aria-label="Pages"
      className="w-[76px] shrink-0 overflow-y-auto border-r border-line bg-sunken px-2.5 py-3 max-lg:hidden"
    >
      <ol className="space-y-2.5">
        {pages.map((page) => (
          <li key={page.number}>
            <button
              type="button"
              aria-current={page.number === current ? "page" : undefined}
              onClick={() => onPage(page.number)}
              className="group block w-full text-center"
            >
              <span
                className={cx(
                  "relative block overflow-hidden rounded-sm border-2 bg-white",
                  page.number === current
                    ? "border-accent"
                    : "border-line-strong group-hover:border-muted",
                )}
                style={{
                  aspectRatio: page.has_image ? `${page.width} / ${page.height}` : "1 / 1.2",
                }}
              >
                {page.has_image ? (
                  <img
                    src={pageImage(run, page.number, "small")}
                    alt=""
                    loading="lazy"
                    className="size-full object-cover"
                  />
                ) : (
                  <span
                    aria-hidden
                    className="flex size-full items-center justify-center text-[9px] text-[#67635a] uppercase"
                  >
                    {page.kind}
                  </span>
                )}
                {doubtful.has(page.number) ? (
                  <span className="absolute top-0.5 right-0.5 size-1.5 rounded-full bg-[#b3261e] ring-1 ring-white" />
                ) : null}
              </span>
              <span
                className={cx(
                  "text-xs",
                  page.number === current ? "font-semibold text-ink" : "text-muted",
                )}
              >
                <span className="sr-only">Page </span>
                {page.number}
                {doubtful.has(page.number) ? (
                  <span className="sr-only">, has something to check</span>
                ) : null}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
