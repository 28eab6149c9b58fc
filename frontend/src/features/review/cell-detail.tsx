import { Copy } from "lucide-react";
import { IconButton } from "@/components/ui/button";
import { StandingBadge, standings } from "@/components/ui/status";
import { toast } from "@/components/ui/toast";
import type { RunDetail } from "@/lib/types";
import { places, ranges } from "./evidence";
import type { Shown } from "./model";
import { Sentences } from "./sentences";
import type { Selection } from "./use-selection";
import { plain, written } from "./value";

function where(shown: Shown, run: RunDetail): string {
  const all = places(shown.cell).map(({ page, lines }) => {
    const name = run.pages.find((each) => each.number === page)?.name ?? `Page ${page}`;
    return `${name}, ${lines.length === 1 ? "line" : "lines"} ${ranges(lines).join(", ")}`;
  });
  return all.join("; ");
}

/** What the words of a cell are: those of the document, of a file inside it, of the customer's own pages. */
function wordsOf(shown: Shown, run: RunDetail): string {
  const kinds = run.pages
    .filter((page) => shown.cell.evidence.some((each) => each.page === page.number))
    .map((page) => page.kind);
  if (kinds.includes("xml")) return "In the file";
  return kinds.includes("passage") ? "In your documents" : "As printed";
}

function signal(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toFixed(3);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Puts the value on the clipboard, in the form that other programs want. */
export function copyCell(shown: Shown): void {
  navigator.clipboard.writeText(plain(shown.cell)).then(
    () => toast(`${shown.name} copied`),
    () =>
      toast("The browser did not allow copying. Select the value and copy it by hand.", {
        bad: true,
      }),
  );
}

/** Everything about the selected cell: the value, the words it was read from, where, and why it is in doubt. */
export function CellDetail({
  shown,
  run,
  selection,
}: {
  shown: Shown;
  run: RunDetail;
  selection: Selection;
}) {
  const { cell, field, standing, failed } = shown;
  const value = written(cell, field);
  const place = where(shown, run);
  // The words of a clause are its value; a text is shown by its sentences, and not beside what it cites.
  const text = field.kind === "text" && value !== null;
  const twice = cell.raw !== null && value === cell.raw && field.kind === "clause";
  const signals = Object.entries(cell.signals).filter(([name]) => name !== "sentences");
  return (
    <section
      aria-label="Selected value"
      data-testid="cell-detail"
      className="max-h-[40%] shrink-0 overflow-y-auto border-t border-line-strong bg-raised px-4 py-3 text-sm max-sm:max-h-[45%] max-sm:py-2"
    >
      <header className="flex items-center gap-2">
        <h2 className="min-w-0 truncate font-medium">{shown.name}</h2>
        <StandingBadge standing={standing} />
        <span className="flex-1" />
        <span className="shrink-0 text-xs text-muted max-sm:hidden">{place}</span>
        {cell.value !== null || cell.raw ? (
          <IconButton
            label="Copy the value ( c )"
            className="-my-1 size-7"
            onClick={() => copyCell(shown)}
          >
            <Copy className="size-3.5" />
          </IconButton>
        ) : null}
      </header>
      <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
        {value !== null && !text && !twice ? (
          <>
            <dt className="text-muted">Value</dt>
            <dd className="font-medium break-words">{value}</dd>
          </>
        ) : null}
        {cell.raw && !text ? (
          <>
            <dt className="text-muted">{wordsOf(shown, run)}</dt>
            <dd>
              <mark
                data-testid="raw"
                className="rounded-[3px] bg-marker px-1 font-mono text-xs break-words text-[#1c1b18]"
              >
                {cell.raw}
              </mark>
            </dd>
          </>
        ) : null}
      </dl>
      {text ? (
        <div className="mt-1">
          <Sentences shown={shown} selection={selection} />
        </div>
      ) : null}
      {cell.raw ? null : <p className="text-muted">{standings[cell.status].about}</p>}
      {cell.reason ? <p className="mt-1">{cell.reason}</p> : null}
      {failed.map((rule) => (
        <p
          key={`${rule.code} ${rule.detail}`}
          className={rule.severity ? "mt-1 text-warn" : "mt-1 text-bad"}
        >
          {rule.detail}
          {rule.advice ? <span className="block text-muted">{rule.advice}</span> : null}
        </p>
      ))}
      {signals.length > 0 ? (
        <details className="mt-1 text-xs text-muted max-sm:hidden">
          <summary className="w-max cursor-pointer py-0.5 hover:text-ink">Signals</summary>
          <dl className="flex flex-wrap gap-x-4 gap-y-0.5 pt-0.5">
            {signals.map(([name, each]) => (
              <div key={name} className="flex gap-1.5">
                <dt>{name.replaceAll("_", " ")}</dt>
                <dd className="text-ink">{signal(each)}</dd>
              </div>
            ))}
          </dl>
        </details>
      ) : null}
    </section>
  );
}
