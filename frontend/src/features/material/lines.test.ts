import { describe, expect, it } from "vitest";
import type { Label } from "@/lib/types";
import { fromLines, lineOf, toLines } from "./lines";

const LABELS: Label[] = [
  { name: "delivery", label: "Delivery", about: "Where a parcel is.", words: [] },
  { name: "refund", label: "Money back", about: "", words: ["refund", "money back"] },
  { name: "other", label: "Anything else", about: "", words: [] },
  { name: "bill", label: "bill", about: "", words: ["invoice"] },
];

describe("labels as lines", () => {
  it("are no longer than they must be", () => {
    expect(toLines(LABELS)).toBe(
      "delivery\nrefund | Money back | refund, money back\nother | Anything else\nbill |  | invoice",
    );
  });

  it("come back as they were", () => {
    expect(fromLines(toLines(LABELS), LABELS)).toEqual([
      { name: "delivery", label: "Delivery", about: "Where a parcel is." },
      { name: "refund", label: "Money back", words: ["refund", "money back"] },
      { name: "other", label: "Anything else" },
      { name: "bill", label: "bill", words: ["invoice"] },
    ]);
    expect(fromLines("new one", LABELS)).toEqual([{ name: "new one" }]);
  });

  it("know in which line a label stands", () => {
    expect(lineOf("\na\n\nb", 1)).toBe(4);
  });
});
