import { StandingIcon, standings } from "@/components/ui/status";
import { cx } from "@/lib/cx";
import { formatDecimal, sumDecimals } from "@/lib/decimal";
import { count } from "@/lib/format";
import type { Field } from "@/lib/types";
import { cellButton, cellClass } from "./cell-button";
import { isDoubtful, type Shown, type Table } from "./model";
import type { Selection } from "./use-selection";
import { isNumeric, written } from "./value";

/** The exact sum of a column of amounts; null where it means nothing or a value is missing. */
function total(table: Table, column: Field): string | null {
  if (column.kind !== "amount" || column.name.includes("price") || table.rows.length < 2)
    return null;
  const values = table.rows.map((row) => row.get(column.name)?.cell.value);
  return values.every((value) => typeof value === "string") ? sumDecimals(values) : null;
}

function Value({ shown, selection }: { shown: Shown; selection: Selection }) {
  const { cell, field, standing } = shown;
  const text = written(cell, field) ?? cell.raw;
  return (
    <button
      {...cellButton(shown, selection)}
      className={cx(
        "flex size-full min-h-8 items-start gap-1 px-2 py-1.5 hover:bg-hover",
        isNumeric(field) ? "justify-end text-right" : "text-left",
        cellClass(shown, selection),
      )}
    >
      <span className="sr-only">{shown.name}</span>
      {isDoubtful(shown) ? (
        <span className="mt-0.5" title={standings[standing].word}>
          <StandingIcon standing={standing} />
          <span className="sr-only">{standings[standing].word}</span>
        </span>
      ) : null}
      <span
        className={cx(
          !isNumeric(field) && "line-clamp-3 min-w-0 break-words",
          standing === "absent" && "text-muted",
        )}
      >
        {text ?? "–"}
      </span>
    </button>
  );
}

/** Rows as a grid: one line each, digits under digits, and the sum of what can be summed. */
export function RowsTable({ table, selection }: { table: Table; selection: Selection }) {
  const totals = table.columns.map((column) => total(table, column));
  const wide = (column: Field) => column.name === "description" || column.name === "name";
  return (
    <div>
      <div className="flex items-baseline justify-between px-4 pt-1 pb-1.5">
        <h3 className="text-sm font-medium">{table.field.label}</h3>
        <span className="text-xs text-muted">{count(table.rows.length, "row")}</span>
      </div>
      <div className="relative overflow-x-auto border-y border-line">
        <table className="w-full text-sm" aria-label={table.field.label}>
          <thead>
            <tr className="border-b border-line bg-sunken text-xs text-muted">
              <th scope="col" className="w-8 py-1.5 pr-1 pl-4 text-right font-medium">
                <span className="sr-only">Row</span>#
              </th>
              {table.columns.map((column) => (
                <th
                  key={column.name}
                  scope="col"
                  title={column.about}
                  className={cx(
                    "px-2 py-1.5 font-medium whitespace-nowrap",
                    isNumeric(column) ? "text-right" : "text-left",
                  )}
                >
                  {column.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              <tr key={index} className="h-px border-b border-line last:border-0">
                <th
                  scope="row"
                  className="py-1.5 pr-1 pl-4 text-right align-top text-xs font-normal text-muted"
                >
                  {index + 1}
                </th>
                {table.columns.map((column) => {
                  const shown = row.get(column.name);
                  return (
                    <td
                      key={column.name}
                      className={cx(
                        "h-full p-0 align-top",
                        wide(column) ? "min-w-44" : isNumeric(column) && "whitespace-nowrap",
                      )}
                    >
                      {shown ? <Value shown={shown} selection={selection} /> : null}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
          {totals.some((each) => each !== null) ? (
            <tfoot>
              <tr className="border-t border-line-strong text-sm font-medium">
                <th
                  scope="row"
                  colSpan={2}
                  className="py-1.5 pl-4 text-left text-xs font-medium text-muted"
                >
                  Sum of the rows
                </th>
                {totals.slice(1).map((sum, index) => (
                  <td key={table.columns[index + 1]?.name} className="px-2 py-1.5 text-right">
                    {sum === null ? null : formatDecimal(sum, 2)}
                  </td>
                ))}
              </tr>
            </tfoot>
          ) : null}
        </table>
      </div>
    </div>
  );
}
