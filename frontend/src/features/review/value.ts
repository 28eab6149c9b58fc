import { formatDecimal } from "@/lib/decimal";
import { day } from "@/lib/format";
import type { Cell, Field } from "@/lib/types";

/** Whether values of this kind stand right-aligned, digit under digit. */
export function isNumeric(field: Field): boolean {
  return field.kind === "amount" || field.kind === "number";
}

/** The value as people write it here, or null where there is none. */
export function written(cell: Cell, field: Field): string | null {
  const { value } = cell;
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "Yes" : "No";
  const text = String(value);
  switch (field.kind) {
    case "amount":
      return formatDecimal(text, 2);
    case "number":
      return formatDecimal(text);
    case "date":
      return day(text);
    case "choice":
      return field.options.find((option) => option.name === text)?.label ?? text;
    default:
      return text;
  }
}

/** The value as another program wants it: `1200.50`, `2026-04-17`. */
export function plain(cell: Cell): string {
  if (cell.value === null || cell.value === undefined) return cell.raw ?? "";
  return String(cell.value);
}

/** A generated sentence and the ids of the lines that it cites. */
export interface CitedSentence {
  text: string;
  lines: number[];
}

/** The sentences of a text; the whole text as one that cites nothing where it does not say. */
export function sentences(cell: Cell): CitedSentence[] {
  const given: unknown = cell.signals.sentences;
  if (!Array.isArray(given)) return [{ text: String(cell.value ?? ""), lines: [] }];
  return given.map((each: { text?: unknown; lines?: unknown }) => ({
    text: String(each.text ?? ""),
    lines: Array.isArray(each.lines) ? each.lines.map(Number) : [],
  }));
}
