import { describe, expect, it } from "vitest";
import type { Cell, CellStatus, Field, RuleResult, Task } from "@/lib/types";
import { isDoubtful, isLabels, isTable, review, rowPath, step } from "./model";

const field = (name: string, group: string, more: Partial<Field> = {}): Field => ({
  name,
  group,
  kind: "quote",
  label: name,
  about: "",
  required: false,
  columns: [],
  options: [],
  ...more,
});
const cell = (path: string, status: CellStatus = "found"): Cell => ({
  path,
  label: "L",
  group: "document",
  kind: "quote",
  value: status === "absent" ? null : "x",
  raw: "x",
  status,
  evidence: [],
  signals: {},
  reason: null,
});
const task: Task = {
  id: "t",
  version: 1,
  title: "T",
  about: "",
  rules: [],
  fields: [
    field("number", "document"),
    field("due_date", "document"),
    field("lines", "lines", {
      kind: "rows",
      columns: [field("text", ""), field("rate", ""), field("amount", "")],
    }),
    field("total", "amounts"),
  ],
};
const rules: RuleResult[] = [
  {
    code: "sum",
    label: "Sum",
    passed: false,
    detail: "off by 0.09",
    paths: ["lines[0].amount", "lines[1].amount", "total"],
  },
  {
    code: "row",
    label: "Row",
    passed: false,
    detail: "2 x 3 is 6",
    paths: ["lines[0].text", "lines[0].amount"],
  },
  { code: "rows", label: "Rows", passed: true, detail: "2 of 2", paths: ["lines"] },
  { code: "dates", label: "Dates", passed: null, detail: "no date", paths: ["due_date"] },
];
const cells = [
  cell("total"),
  cell("due_date", "absent"),
  cell("number", "conflicting"),
  cell("lines[0].text"),
  cell("lines[0].rate", "absent"),
  cell("lines[0].amount"),
  cell("lines[1].amount"),
  cell("lines[1].text", "unreadable"),
];

describe("a choice that takes several labels", () => {
  const several: Task = {
    ...task,
    fields: [field("topics", "message", { kind: "choice" }), field("number", "message")],
  };

  it("is one part with a cell for each label", () => {
    const made = review(several, [cell("topics[0]"), cell("topics[1]"), cell("number")], []);
    const part = made.groups[0]?.parts[0];
    expect(part && isLabels(part) && part.labels.map((each) => each.name)).toEqual([
      "topics 1",
      "topics 2",
    ]);
    expect(made.order.map((each) => each.cell.path)).toEqual(["topics[0]", "topics[1]", "number"]);
  });

  it("stands with what is not there where no label was given", () => {
    const made = review(several, [cell("topics", "absent"), cell("number")], []);
    expect(made.groups[0]?.absent.map((each) => each.cell.path)).toEqual(["topics"]);
  });
});

describe("a playbook", () => {
  const departure: RuleResult = {
    code: "playbook.number.period",
    label: "Playbook: Number",
    passed: false,
    detail: "too long",
    paths: ["number"],
    severity: "high",
    advice: "Ask for less.",
  };

  it("departs where its own rules fail, and fails where others do as well", () => {
    const cells = [cell("number"), cell("due_date")];
    const made = review(task, cells, [departure]);
    expect(made.order.map((each) => each.standing)).toEqual(["departs", "found"]);
    expect([made.rules.departed.length, made.rules.failed.length, made.toCheck]).toEqual([1, 0, 1]);
    const both = review(task, cells, [departure, { ...departure, severity: null }]);
    expect(both.order[0]?.standing).toBe("failed");
  });
});

describe("review", () => {
  const made = review(task, cells, rules);

  it("keeps the schema's order, whatever order the cells came in", () => {
    expect(made.groups.map((group) => group.name)).toEqual(["Document", "Lines", "Amounts"]);
    expect(made.order.map((shown) => shown.cell.path)).toEqual([
      "number",
      "due_date",
      "lines[0].text",
      "lines[0].amount",
      "lines[1].text",
      "lines[1].amount",
      "total",
    ]);
  });

  it("sets absent fields aside and leaves out columns that hold nothing", () => {
    expect(made.groups[0]?.absent.map((shown) => shown.cell.path)).toEqual(["due_date"]);
    const table = made.groups[1]?.parts[0];
    expect(table && isTable(table) && table.columns.map((column) => column.name)).toEqual([
      "text",
      "amount",
    ]);
  });

  it("puts in doubt the total that a table was held against, or the cells of the one row", () => {
    const inDoubt = made.order.filter(isDoubtful);
    expect(inDoubt.map((shown) => [shown.cell.path, shown.standing])).toEqual([
      ["number", "conflicting"],
      ["lines[0].text", "failed"],
      ["lines[0].amount", "failed"],
      ["lines[1].text", "unreadable"],
      ["total", "failed"],
    ]);
  });

  it("stops once for each cell in doubt and each failed check", () => {
    const stops = made.stops.map((shown) => shown.cell.path);
    expect(stops).toEqual(["number", "lines[0].amount", "lines[1].text", "total"]);
    expect(made.toCheck).toBe(4);
  });

  it("shows what the task no longer names", () => {
    const more = review(task, [...cells, cell("old_field")], rules);
    expect(more.order.map((shown) => shown.cell.path)).toContain("old_field");
  });

  it("sorts rules by what they said, and gives a table its own", () => {
    expect(made.rules.failed.length + made.rules.passed.length + made.rules.open.length).toBe(4);
    const table = made.groups[1]?.parts[0];
    expect(table && isTable(table) && table.rules.map((rule) => rule.code)).toEqual([
      "sum",
      "row",
      "rows",
    ]);
  });
});

describe("step", () => {
  const made = review(task, cells, rules);
  const go = (path: string | null, by: 1 | -1) => step(made.order, made.stops, path, by)?.cell.path;

  it("goes to the next doubtful cell after the selected one, and round at the ends", () => {
    expect(go(null, 1)).toBe("number");
    expect(go("lines[0].amount", 1)).toBe("lines[1].text");
    expect(go("total", 1)).toBe("number");
    expect(go("number", -1)).toBe("total");
  });
});

describe("rowPath", () => {
  it("takes row paths apart and knows plain ones", () => {
    expect(rowPath("lines[12].unit_price")).toEqual({
      table: "lines",
      row: 12,
      column: "unit_price",
    });
    expect(rowPath("total")).toBeNull();
  });
});
