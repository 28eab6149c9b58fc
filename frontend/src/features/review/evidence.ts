import type { Cell, Line } from "@/lib/types";

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
  line: number;
  box: Box;
}

/**
 * The boxes of neighbouring words as one stroke, as a highlighter would draw it. Evidence is a run of words
 * of one line, so that nothing lies between two of its words; only where it jumps (a word that was broken
 * over two lines) does a new stroke begin.
 */
export function joined(boxes: readonly Box[]): Box[] {
  const strokes: Box[] = [];
  for (const box of boxes) {
    const last = strokes.at(-1);
    const overlap = last ? Math.min(last[3], box[3]) - Math.max(last[1], box[1]) : 0;
    if (last && overlap > (box[3] - box[1]) / 2 && box[0] >= last[0])
      strokes[strokes.length - 1] = around(last, box);
    else strokes.push(box);
  }
  return strokes;
}

function around(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** The marks of each page, by page number. */
export function marksByPage(cells: readonly Cell[]): Map<number, Mark[]> {
  const pages = new Map<number, Mark[]>();
  for (const cell of cells) {
    for (const { page, line, boxes } of cell.evidence) {
      const marks = pages.get(page) ?? [];
      for (const box of joined(boxes.map(toBox))) marks.push({ path: cell.path, line, box });
      pages.set(page, marks);
    }
  }
  return pages;
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

/** Cuts a line, from the character `from` on, where evidence begins and ends. Offsets count code points, as everywhere in the API. */
export function segments(
  line: Line,
  spans: readonly { start: number; end: number; path: string }[],
  from = 0,
): Segment[] {
  const points = [...line.text];
  const within = (offset: number) => Math.max(from, Math.min(offset, points.length));
  const cuts = new Set([from, points.length]);
  for (const span of spans) {
    cuts.add(within(span.start));
    cuts.add(within(span.end));
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

/** The lines of a cell with neighbours drawn together: `12–14`, `31`. */
export function lineRange(cell: Cell): string[] {
  return ranges(cell.evidence.map((each) => each.line));
}

/** Numbers with neighbours drawn together. */
export function ranges(numbers: readonly number[]): string[] {
  const spans: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else spans.push([number, number]);
  }
  return spans.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
}
