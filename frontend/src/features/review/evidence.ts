import type { Cell, Evidence, Line } from "@/lib/types";

/** Left, top, right and bottom as fractions of the upright page. */
export type Box = readonly [number, number, number, number];

/** The API's list of four numbers as a box. */
function toBox(numbers: readonly number[]): Box {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbers;
  return [x0, y0, x1, y1];
}

/** A rectangle on a page that belongs to a cell. */
export interface Mark {
  path: string;
  box: Box;
}

/** The marks of each page, by page number. */
export function marksByPage(cells: readonly Cell[]): Map<number, Mark[]> {
  const pages = new Map<number, Mark[]>();
  for (const cell of cells) {
    for (const { page, boxes } of cell.evidence) {
      const marks = pages.get(page) ?? [];
      for (const box of boxes) marks.push({ path: cell.path, box: toBox(box) });
      pages.set(page, marks);
    }
  }
  return pages;
}

/** The smallest box around the boxes of a cell on one page, or null. */
export function bounds(evidence: readonly Evidence[], page: number): Box | null {
  const boxes = evidence
    .filter((each) => each.page === page)
    .flatMap((each) => each.boxes.map(toBox));
  const [first, ...rest] = boxes;
  if (!first) return null;
  return rest.reduce<Box>(
    (all, box) => [
      Math.min(all[0], box[0]),
      Math.min(all[1], box[1]),
      Math.max(all[2], box[2]),
      Math.max(all[3], box[3]),
    ],
    first,
  );
}

/** A run of a line's text, and the cells whose evidence covers it. */
export interface Segment {
  text: string;
  paths: string[];
}

/** The spans of evidence in each line, by line id. */
export function spansByLine(
  cells: readonly Cell[],
): Map<number, { start: number; end: number; path: string }[]> {
  const lines = new Map<number, { start: number; end: number; path: string }[]>();
  for (const cell of cells) {
    for (const { line, start, end } of cell.evidence) {
      lines.set(line, [...(lines.get(line) ?? []), { start, end, path: cell.path }]);
    }
  }
  return lines;
}

/** Cuts a line where evidence begins and ends. Offsets count code points, as everywhere in the API. */
export function segments(
  line: Line,
  spans: readonly { start: number; end: number; path: string }[],
): Segment[] {
  const points = [...line.text];
  const cuts = new Set([0, points.length]);
  for (const span of spans) {
    cuts.add(Math.min(span.start, points.length));
    cuts.add(Math.min(span.end, points.length));
  }
  const ordered = [...cuts].sort((a, b) => a - b);
  const out: Segment[] = [];
  for (const [index, start] of ordered.slice(0, -1).entries()) {
    const end = ordered[index + 1] ?? start;
    const paths = spans
      .filter((span) => span.start <= start && span.end >= end)
      .map((span) => span.path);
    out.push({ text: points.slice(start, end).join(""), paths });
  }
  return out;
}

/** Where a cell stands, in words: `page 1, line 12`; one part for each line. */
export function places(cell: Cell): { page: number; lines: number[] }[] {
  const pages = new Map<number, number[]>();
  for (const { page, line } of cell.evidence) {
    const lines = pages.get(page) ?? [];
    if (!lines.includes(line)) lines.push(line);
    pages.set(page, lines);
  }
  return [...pages].map(([page, lines]) => ({ page, lines }));
}
