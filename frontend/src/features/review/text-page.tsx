import { cx } from "@/lib/cx";
import type { Line, Page } from "@/lib/types";
import { type Segment, segments, type spansByLine } from "./evidence";
import type { Selection } from "./use-selection";

interface Props {
  page: Page;
  lines: readonly Line[];
  spans: ReturnType<typeof spansByLine>;
  names: ReadonlyMap<string, string>;
  selection: Selection;
  width: number;
  zoom: number;
}

function Words({
  segment,
  line,
  names,
  selection,
}: {
  segment: Segment;
  line: number;
  names: Props["names"];
  selection: Selection;
}) {
  const { selected, hovered, pulse, line: cited } = selection;
  const [first] = segment.paths;
  if (first === undefined) return segment.text;
  const asked = cited === null || cited === line;
  const on = selected !== null && asked && segment.paths.includes(selected);
  const near = hovered !== null && segment.paths.includes(hovered);
  const path = on && selected ? selected : first;
  return (
    <button
      key={on ? pulse : ""}
      type="button"
      tabIndex={-1}
      title={names.get(path) ?? path}
      data-mark={path}
      data-lit={on || undefined}
      data-at={line}
      onClick={() => selection.reveal(path)}
      onPointerEnter={() => selection.hover(path)}
      onPointerLeave={() => selection.hover(null)}
      className={cx(
        "rounded-[3px] text-left",
        on
          ? "animate-pulse-once -mx-0.5 bg-marker px-0.5 text-[#1c1b18] outline-2 outline-ink"
          : "bg-marker/20",
        near && !on && "outline-2 outline-ink/60 outline-dashed",
      )}
    >
      {segment.text}
    </button>
  );
}

/** Where the words of an XML line begin: after its path, which two spaces end. */
function afterPath(page: Page, line: Line): number {
  const gap = page.kind === "xml" ? line.text.indexOf("  ") : -1;
  return gap < 0 ? 0 : gap + 2;
}

/** The end of a path says most: `…/SellerTradeParty/Name`. */
function shortPath(path: string): string {
  const names = path.trim().split("/");
  return names.length > 2 ? `…/${names.slice(-2).join("/")}` : names.join("/");
}

/** A page that has no image: its numbered lines, with the words of the cells marked. */
export function TextPage({ page, lines, spans, names, selection, width, zoom }: Props) {
  const title = page.name ?? `Page ${page.number}`;
  return (
    <section
      data-page={page.number}
      aria-label={title}
      className="mx-auto shrink-0 overflow-hidden rounded-sm bg-surface shadow-sheet"
      style={{ width }}
    >
      {page.name || page.kind === "xml" ? (
        <p className="border-b border-line px-4 py-2 text-xs font-medium text-muted">
          {title}
          {page.kind === "xml" ? " · exact values inside the file" : ""}
          {page.kind === "passage" ? " · from your own documents" : ""}
        </p>
      ) : null}
      <div className="py-3 font-mono leading-[1.65]" style={{ fontSize: 12 * zoom }}>
        {lines.map((line) => {
          const start = afterPath(page, line);
          return (
            <p key={line.id} data-line={line.id} className="flex px-3">
              <span
                aria-hidden
                className="w-[3.5em] shrink-0 pr-3 text-right text-muted select-none"
              >
                {line.id}
              </span>
              <span className="min-w-0 flex-1 break-words whitespace-pre-wrap">
                {start > 0 ? (
                  <span className="text-muted" title={line.text.slice(0, start).trim()}>
                    {shortPath(line.text.slice(0, start))}
                    {"  "}
                  </span>
                ) : null}
                {segments(line, spans.get(line.id) ?? [], start).map((segment, index) => (
                  <Words
                    key={index}
                    segment={segment}
                    line={line.id}
                    names={names}
                    selection={selection}
                  />
                ))}
              </span>
            </p>
          );
        })}
      </div>
    </section>
  );
}
