import { cx } from "@/lib/cx";
import { lineRange } from "./evidence";
import type { Shown } from "./model";
import { isNumeric, written } from "./value";

/** The value of a cell as its kind is best read: a clause as its lines and their words, a flag with its proof. */
export function CellValue({ shown }: { shown: Shown }) {
  const { cell, field } = shown;
  const value = written(cell, field);
  if (field.kind === "clause" && cell.raw) {
    const lines = lineRange(cell).join(", ");
    return (
      <span className="block">
        <span className="mr-1.5 rounded bg-sunken px-1.5 py-0.5 text-xs whitespace-nowrap text-muted">
          {/^\d+$/.test(lines) ? "Line" : "Lines"} {lines}
        </span>
        <span className="line-clamp-3 break-words">{cell.raw}</span>
      </span>
    );
  }
  if (field.kind === "flag" && value !== null) {
    return (
      <span className="block">
        <span className="font-medium">{value}</span>
        {cell.raw ? (
          <span className="line-clamp-2 break-words text-muted">“{cell.raw}”</span>
        ) : null}
      </span>
    );
  }
  return (
    <span className={cx("break-words", isNumeric(field) && "font-medium")}>
      {value ?? <span className="font-mono text-xs">{cell.raw}</span>}
    </span>
  );
}
