import { StandingIcon, standings } from "@/components/ui/status";
import { cx } from "@/lib/cx";
import { count } from "@/lib/format";
import type { Field } from "@/lib/types";
import { cellButton, cellClass } from "./cell-button";
import { CellValue } from "./cell-value";
import { isDoubtful, type Shown, type Table } from "./model";
import { Sentences } from "./sentences";
import type { Selection } from "./use-selection";

/** Whether a table's rows are too wordy for a grid: whole clauses, or texts. */
export function isWordy(table: Table): boolean {
  return table.columns.some((column) => column.kind === "clause" || column.kind === "text");
}

function Part({ shown, selection }: { shown: Shown; selection: Selection }) {
  const { cell, field, standing } = shown;
  const doubt = isDoubtful(shown) ? (
    <span className={cx("flex items-start gap-1 text-xs", standings[standing].text)}>
      <StandingIcon standing={standing} className="mt-0.5" />
      {shown.failed[0]?.detail ?? cell.reason ?? standings[standing].about}
    </span>
  ) : null;
  if (field.kind === "text" && cell.value !== null)
    return (
      <div className={cx("px-2 py-1", cellClass(shown, selection))}>
        <button {...cellButton(shown, selection)} className="sr-only focus:not-sr-only">
          {shown.name}
        </button>
        <Sentences shown={shown} selection={selection} />
        {doubt}
      </div>
    );
  return (
    <button
      {...cellButton(shown, selection)}
      className={cx(
        "block rounded px-2 py-1 text-left hover:bg-hover",
        cellClass(shown, selection),
      )}
    >
      <span className="sr-only">{shown.name}</span>
      <CellValue shown={shown} />
      {doubt}
    </button>
  );
}

function Labelled({
  column,
  row,
  selection,
}: {
  column: Field;
  row: Map<string, Shown>;
  selection: Selection;
}) {
  const shown = row.get(column.name);
  if (!shown || shown.standing === "absent") return null;
  return (
    <div className="flex min-w-0 items-baseline gap-1">
      <span className="shrink-0 pl-2 text-xs text-muted">{column.label}</span>
      <Part shown={shown} selection={selection} />
    </div>
  );
}

/** A clause, a text, and the words that a row is about have a line for themselves. */
function isWide(column: Field, index: number): boolean {
  return /^(clause|text)$/.test(column.kind) || (index === 0 && column.kind === "quote");
}

/** The columns in their order: a wordy one by itself, those between two of them on one line. */
function lanes(table: Table): Field[][] {
  const lanes: Field[][] = [];
  let short: Field[] | null = null;
  for (const [index, column] of table.columns.entries()) {
    if (isWide(column, index)) {
      lanes.push([column]);
      short = null;
    } else if (short) short.push(column);
    else {
      short = [column];
      lanes.push(short);
    }
  }
  return lanes;
}

function Lane({
  columns,
  wide,
  row,
  selection,
}: {
  columns: Field[];
  wide: boolean;
  row: Map<string, Shown>;
  selection: Selection;
}) {
  const [first] = columns;
  if (wide && first) {
    const shown = row.get(first.name);
    if (!shown || shown.standing === "absent") return null;
    return (
      <div className={cx("[&>button]:w-full", first.kind === "quote" && "font-medium")}>
        <Part shown={shown} selection={selection} />
      </div>
    );
  }
  return (
    <div className="flex flex-wrap gap-x-4">
      {columns.map((column) => (
        <Labelled key={column.name} column={column} row={row} selection={selection} />
      ))}
    </div>
  );
}

/** Rows that hold whole clauses or texts: one below the other, what they are about first. */
export function RowsCards({ table, selection }: { table: Table; selection: Selection }) {
  const columns = lanes(table);
  return (
    <div>
      <div className="flex items-baseline justify-between px-4 pt-1 pb-1.5">
        <h3 className="text-sm font-medium">{table.field.label}</h3>
        <span className="text-xs text-muted">{count(table.rows.length, "row")}</span>
      </div>
      <ol aria-label={table.field.label} className="divide-y divide-line border-y border-line">
        {table.rows.map((row, index) => (
          <li key={index} className="flex gap-1 py-1.5 pr-3 text-sm">
            <span className="w-8 shrink-0 pt-1.5 text-right text-xs text-muted">{index + 1}</span>
            <div className="min-w-0 flex-1">
              {columns.map((lane) => {
                const [first] = lane;
                const wide = first !== undefined && isWide(first, table.columns.indexOf(first));
                return (
                  <Lane
                    key={first?.name}
                    columns={lane}
                    wide={wide}
                    row={row}
                    selection={selection}
                  />
                );
              })}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
