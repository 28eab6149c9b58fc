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
}

function Words({
  segment,
  names,
  selection,
}: {
  segment: Segment;
  names: Props["names"];
  selection: Selection;
}) {
  const { selected, hovered, pulse } = selection;
  const [first] = segment.paths;
  if (first === undefined) return segment.text;
  const on = selected !== null && segment.paths.includes(selected);
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
      onClick={() => selection.reveal(path)}
      onPointerEnter={() => selection.hover(path)}
      onPointerLeave={() => selection.hover(null)}
      className={cx(
        "rounded-[3px] px-0.5 -mx-0.5 text-left",
        on ? "animate-pulse-once bg-marker text-[#1c1b18] outline-2 outline-ink" : "bg-marker/20",
        near && !on && "outline-2 outline-ink/60 outline-dashed",
      )}
    >
      {segment.text}
    </button>
  );
}

/** A page that has no image: its numbered lines, with the words of the cells marked. */
export function TextPage({ page, lines, spans, names, selection, width }: Props) {
  const title = page.name ?? `Page ${page.number}`;
  return (
    <section
      data-page={page.number}
      aria-label={title}
      className="mx-auto shrink-0 overflow-hidden rounded-sm bg-surface shadow-sheet"
      style={{ width }}
    >
      {page.name || page.kind === "xml" ? (
        <h3 className="border-b border-line px-4 py-2 text-xs font-medium text-muted">
          {title}
          {page.kind === "xml" ? " · exact values inside the file" : ""}
        </h3>
      ) : null}
      <div className="overflow-x-auto py-3 font-mono text-[12px] leading-5">
        {lines.map((line) => (
          <p key={line.id} data-line={line.id} className="flex min-w-max px-3">
            <span aria-hidden className="w-10 shrink-0 pr-3 text-right text-muted select-none">
              {line.id}
            </span>
            <span className="whitespace-pre">
              {segments(line, spans.get(line.id) ?? []).map((segment, index) => (
                <Words key={index} segment={segment} names={names} selection={selection} />
              ))}
            </span>
          </p>
        ))}
      </div>
    </section>
  );
}
