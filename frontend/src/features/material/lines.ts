import type { Label } from "@/lib/types";

/** A label as a person writes it: `refund`, or `refund | Money back | refund, money back`. */
export interface WrittenLabel {
  name: string;
  label?: string;
  about?: string;
  words?: string[];
}

const BETWEEN = " | ";

/** Labels as lines, each no longer than it must be. */
export function toLines(labels: readonly Label[]): string {
  return labels
    .map(({ name, label, words }) => {
      const parts = [name, label === name && words.length > 0 ? "" : label, words.join(", ")];
      if (words.length === 0) parts.pop();
      if (words.length === 0 && label === name) parts.pop();
      return parts.join(BETWEEN).trim();
    })
    .join("\n");
}

/**
 * Lines as labels; blank ones are left out. What lines do not show, a label's `about`, is taken over from the
 * label of the same name.
 */
export function fromLines(text: string, before: readonly Label[]): WrittenLabel[] {
  const abouts = new Map(before.map((label) => [label.name, label.about]));
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [name = "", label = "", words = ""] = line.split("|").map((part) => part.trim());
      const about = abouts.get(name);
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
