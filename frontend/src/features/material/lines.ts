import type { Label } from "@/lib/types";

/** A label as a person writes it: `refund`, or `refund | Money back | refund, money back`. */
export interface WrittenLabel {
  name: string;
  label?: string;
  about?: string;
  words?: string[];
}

const BETWEEN = " | ";

/** Whether the label is the name again, perhaps with a capital letter: then a line need not say it. */
function isPlain({ name, label }: Pick<Label, "name" | "label">): boolean {
  return name.toLowerCase() === label.toLowerCase();
}

/** Labels as lines, each no longer than it must be. */
export function toLines(labels: readonly Label[]): string {
  return labels
    .map((each) => {
      const label = isPlain(each) ? "" : each.label;
      if (each.words.length > 0) return [each.name, label, each.words.join(", ")].join(BETWEEN);
      return label ? [each.name, label].join(BETWEEN) : each.name;
    })
    .join("\n");
}

/**
 * Lines as labels; blank ones are left out. What lines do not show, a label's `about` and its capital letter,
 * is taken over from the label of the same name.
 */
export function fromLines(text: string, before: readonly Label[]): WrittenLabel[] {
  const known = new Map(before.map((label) => [label.name, label]));
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [name = "", written = "", words = ""] = line.split("|").map((part) => part.trim());
      const old = known.get(name);
      const label = written || (old && isPlain(old) ? old.label : "");
      const about = old?.about;
      return {
        name,
        ...(label ? { label } : {}),
        ...(about ? { about } : {}),
        ...(words
          ? {
              words: words
                .split(",")
                .map((word) => word.trim())
                .filter(Boolean),
            }
          : {}),
      };
    });
}

/** The line, counted from 1, in which the label number `index` (from 0) stands. */
export function lineOf(text: string, index: number): number {
  const filled = text.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [at + 1]));
  return filled[index] ?? 1;
}
