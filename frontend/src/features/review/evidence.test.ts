import { describe, expect, it } from "vitest";
import type { Cell } from "@/lib/types";
import { joined, marksByPage, places, ranges, segments } from "./evidence";

const cell: Cell = {
  path: "address",
  label: "L",
  group: "document",
  kind: "quote",
  value: "a",
  raw: "a",
  status: "found",
  signals: {},
  reason: null,
  evidence: [
    { page: 1, line: 4, start: 0, end: 5, boxes: [[0.1, 0.2, 0.3, 0.22]] },
    { page: 1, line: 5, start: 0, end: 5, boxes: [[0.1, 0.25, 0.4, 0.27]] },
    { page: 2, line: 9, start: 0, end: 5, boxes: [[0.5, 0.5, 0.6, 0.6]] },
  ],
};

describe("evidence", () => {
  it("draws neighbouring lines together", () => {
    expect(ranges([14, 12, 13, 31, 13])).toEqual(["12–14", "31"]);
    expect(ranges([])).toEqual([]);
  });

  it("draws one stroke over neighbouring words, and a new one where the words jump", () => {
    const words = [[0.1, 0.2, 0.2, 0.22] as const, [0.21, 0.201, 0.3, 0.221] as const];
    expect(joined(words)).toEqual([[0.1, 0.2, 0.3, 0.221]]);
    expect(joined([...words, [0.1, 0.25, 0.2, 0.27]])).toHaveLength(2);
    expect(joined([])).toEqual([]);
  });

  it("finds marks by page and places by line", () => {
    expect(marksByPage([cell]).get(1)).toHaveLength(2);
    expect(places(cell)).toEqual([
      { page: 1, lines: [4, 5] },
      { page: 2, lines: [9] },
    ]);
  });

  it("cuts lines by code points, so that an emoji or a rare letter moves nothing", () => {
    const line = { id: 1, page: 1, text: "𝒳🎉 total 12.50 €" };
    const span = { start: 9, end: 14, path: "total" };
    expect(segments(line, [span]).map((each) => each.text)).toEqual(["𝒳🎉 total ", "12.50", " €"]);
  });

  it("lets spans overlap, and stays whole where they reach beyond the line", () => {
    const parts = segments({ id: 1, page: 1, text: "abcdef" }, [
      { start: 1, end: 4, path: "a" },
      { start: 3, end: 99, path: "b" },
    ]);
    expect(parts.map((each) => `${each.text}:${each.paths.join("")}`)).toEqual([
      "a:",
      "bc:a",
      "d:ab",
      "ef:b",
    ]);
  });
});
