import type { Standing } from "@/components/ui/status";
import type { Cell, Field, RuleResult, Task } from "@/lib/types";

/** A cell with what its field says of it. */
export interface Shown {
  cell: Cell;
  field: Field;
  /** `Total`, or within a table `Lines 3, Amount`. */
  name: string;
  standing: Standing;
  /** Checks that failed and put this very cell in doubt. */
  failed: RuleResult[];
}

/** A table of rows: `lines`, `vat_by_rate`. */
export interface Table {
  field: Field;
  /** The columns that hold at least one value. */
  columns: Field[];
  /** Row by row; a column that was not read is missing. */
  rows: Map<string, Shown>[];
  rules: RuleResult[];
}

/** A choice that takes several labels, each a cell of its own: `topics[0]`, `topics[1]`. */
export interface Labels {
  field: Field;
  labels: Shown[];
}

type Part = Shown | Table | Labels;

export interface Group {
  name: string;
  /** Fields and tables in the schema's order. */
  parts: Part[];
  /** Fields that the document does not hold. */
  absent: Shown[];
}

export interface Review {
  groups: Group[];
  /** Every cell that can be selected, in the order of the screen. */
  order: Shown[];
  /** Where the key for the next doubtful value stops: each cell in doubt, and one for each failed check. */
  stops: Shown[];
  /** How many things want a look: cells in doubt and failed checks, as the API counts them. */
  toCheck: number;
  /** `departed` are failed checks of the customer's own playbook, each with a severity. */
  rules: Record<"failed" | "departed" | "passed" | "open", RuleResult[]>;
}

const LABEL_PATH = /^([^.[]+)\[\d+\]$/;
const ROW_PATH = /^([^.[]+)\[(\d+)\]\.(.+)$/;

/** `lines[2].amount` taken apart; null where the path is of a plain field. */
export function rowPath(path: string): { table: string; row: number; column: string } | null {
  const match = ROW_PATH.exec(path);
  return match ? { table: match[1] ?? "", row: Number(match[2]), column: match[3] ?? "" } : null;
}

export function isTable(part: Part): part is Table {
  return "rows" in part;
}

export function isLabels(part: Part): part is Labels {
  return "labels" in part;
}

/** The cells of a part that can be selected, in the order of the screen. */
function cellsOf(part: Part): Shown[] {
  if (isLabels(part)) return part.labels;
  if (!isTable(part)) return [part];
  return part.rows.flatMap((row) => part.columns.flatMap((column) => row.get(column.name) ?? []));
}

const BARE = { about: "", group: "", required: false, options: [], columns: [] };

function pathsOf(part: Part): string[] {
  const shown = isTable(part) ? part.rows.flatMap((row) => [...row.values()]) : cellsOf(part);
  return shown.map((each) => each.cell.path);
}

const DOUBTFUL: readonly Standing[] = ["failed", "departs", "conflicting", "unreadable"];

/** Whether a person should look. */
export function isDoubtful(shown: Shown): boolean {
  return DOUBTFUL.includes(shown.standing);
}

function headline(group: string): string {
  const words = group.replaceAll("_", " ").trim();
  return words ? words[0]?.toUpperCase() + words.slice(1) : "Values";
}

/**
 * The cells that a failed check puts in doubt. A check over a whole table names every row; what is in doubt
 * then is the total that it was held against, and not forty rows.
 */
function blamed(rule: RuleResult): readonly string[] {
  const totals = rule.paths.filter((path) => rowPath(path) === null);
  return totals.length > 0 ? totals : rule.paths;
}

/** A broken rule of arithmetic is an error; a departure from the customer's own playbook is a decision. */
function standingOf(broken: readonly RuleResult[]): Standing {
  return broken.every((rule) => rule.severity) ? "departs" : "failed";
}

/** A text is not worked out by a rule: it was written, from the lines that it cites. */
function ownStanding(cell: Cell, field: Field): Standing {
  return field.kind === "text" && cell.status === "derived" ? "written" : cell.status;
}

/** Puts what was read into the order and the groups of its task. */
export function review(task: Task, cells: readonly Cell[], rules: readonly RuleResult[]): Review {
  const failed = rules.filter((rule) => rule.passed === false);
  const byPath = new Map(cells.map((cell) => [cell.path, cell]));

  const show = (cell: Cell, field: Field, name: string): Shown => {
    const broken = failed.filter((rule) => blamed(rule).includes(cell.path));
    const doubt = cell.status === "conflicting" || cell.status === "unreadable";
    return {
      cell,
      field,
      name,
      failed: broken,
      standing: broken.length > 0 && !doubt ? standingOf(broken) : ownStanding(cell, field),
    };
  };

  const labels = (field: Field): Labels => ({
    field,
    labels: cells
      .filter((cell) => LABEL_PATH.exec(cell.path)?.[1] === field.name)
      .map((cell, index) => show(cell, field, `${field.label} ${index + 1}`)),
  });

  const table = (field: Field): Table => {
    const rows: Map<string, Shown>[] = [];
    const used = new Set<string>();
    for (const cell of cells) {
      const at = rowPath(cell.path);
      const column =
        at && at.table === field.name
          ? field.columns.find((each) => each.name === at.column)
          : null;
      if (!at || !column) continue;
      while (rows.length <= at.row) rows.push(new Map());
      rows[at.row]?.set(
        column.name,
        show(cell, column, `${field.label} ${at.row + 1}, ${column.label}`),
      );
      if (cell.status !== "absent") used.add(column.name);
    }
    const about = rules.filter((rule) =>
      rule.paths.some((path) => path === field.name || path.startsWith(`${field.name}[`)),
    );
    return {
      field,
      rows,
      rules: about,
      columns: field.columns.filter((each) => used.has(each.name)),
    };
  };

  const groups: Group[] = [];
  for (const field of task.fields) {
    const name = headline(field.group);
    let group = groups.find((each) => each.name === name);
    if (!group) {
      group = { name, parts: [], absent: [] };
      groups.push(group);
    }
    if (field.kind === "rows") {
      const part = table(field);
      const none = byPath.get(field.name);
      if (part.rows.length > 0) group.parts.push(part);
      else if (none) group.absent.push(show(none, field, field.label));
    } else {
      const several = labels(field);
      if (several.labels.length > 0) group.parts.push(several);
      const cell = byPath.get(field.name);
      if (!cell) continue;
      const shown = show(cell, field, field.label);
      if (shown.standing === "absent") group.absent.push(shown);
      else group.parts.push(shown);
    }
  }
  // A task may have changed since; what its fields no longer name is shown all the same.
  const named = new Set(
    groups.flatMap((group) => group.parts.concat(group.absent)).flatMap(pathsOf),
  );
  for (const cell of cells) {
    if (named.has(cell.path) || cell.status === "absent") continue;
    const name = headline(cell.group);
    const field: Field = { ...BARE, name: cell.path, kind: cell.kind, label: cell.label };
    const group = groups.find((each) => each.name === name);
    const shown = show(cell, field, cell.label);
    if (group) group.parts.push(shown);
    else groups.push({ name, parts: [shown], absent: [] });
  }
  const kept = groups.filter((group) => group.parts.length + group.absent.length > 0);
  const order = kept.flatMap((group) => [...group.parts.flatMap(cellsOf), ...group.absent]);
  const doubted = order.filter((shown) => isDoubtful(shown) && shown.failed.length === 0);
  const ends = failed.map((rule) =>
    order.findLast((shown) => blamed(rule).includes(shown.cell.path)),
  );
  return {
    groups: kept,
    order,
    stops: order.filter((shown) => doubted.includes(shown) || ends.includes(shown)),
    toCheck: doubted.length + failed.length,
    rules: {
      failed: failed.filter((rule) => !rule.severity),
      departed: failed.filter((rule) => rule.severity),
      passed: rules.filter((rule) => rule.passed === true),
      open: rules.filter((rule) => rule.passed === null),
    },
  };
}

/** The cell after (or before) the selected one among `among`, going round at the ends. */
export function step(
  order: readonly Shown[],
  among: readonly Shown[],
  path: string | null,
  by: 1 | -1,
): Shown | null {
  if (among.length === 0) return null;
  const at = order.findIndex((shown) => shown.cell.path === path);
  const places = among.map((shown) => order.indexOf(shown));
  const next =
    by > 0
      ? among.find((_, i) => (places[i] ?? 0) > at)
      : among.findLast((_, i) => (places[i] ?? 0) < at);
  return next ?? (by > 0 ? among[0] : among.at(-1)) ?? null;
}
