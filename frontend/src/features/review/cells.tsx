import { ChevronRight } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { StandingIcon } from "@/components/ui/status";
import { cx } from "@/lib/cx";
import { cellButton } from "./cell-button";
import { CellRow, LabelsRow } from "./cell-row";
import { FailedChecks, OtherChecks } from "./checks";
import { Departures } from "./departures";
import { type Group, isLabels, isTable, type Review } from "./model";
import { isWordy, RowsCards } from "./rows-cards";
import { RowsTable } from "./rows-table";
import type { Selection } from "./use-selection";

/** How much was found, and the way to what wants a look. */
function Summary({ review, selection }: { review: Review; selection: Selection }) {
  const { toCheck } = review;
  const found = review.order.filter((shown) => /^(found|derived)$/.test(shown.cell.status)).length;
  const absent = review.groups.reduce((sum, group) => sum + group.absent.length, 0);
  return (
    <header className="flex min-h-12 shrink-0 items-center gap-4 border-b border-line px-4 text-sm">
      <span className="inline-flex items-center gap-1.5">
        <StandingIcon standing="found" />
        {found} found
      </span>
      <span className="inline-flex items-center gap-1.5 text-muted">
        <StandingIcon standing="absent" />
        {absent} not there
      </span>
      <span className="flex-1" />
      {toCheck > 0 ? (
        <Button
          small
          onClick={selection.nextDoubtful}
          className="border-warn/50 bg-warn-soft text-warn"
        >
          <StandingIcon standing="failed" className="text-warn" />
          {toCheck} to check
          <span className="max-sm:hidden">
            <Kbd>n</Kbd>
          </span>
        </Button>
      ) : (
        <span className="text-muted">Nothing to check</span>
      )}
    </header>
  );
}

function Absent({ group, selection }: { group: Group; selection: Selection }) {
  if (group.absent.length === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-1 gap-y-0.5 px-4 py-1.5 text-xs text-muted">
      <StandingIcon standing="absent" />
      <span className="mr-1">Not there:</span>
      {group.absent.map((shown) => (
        <button
          key={shown.cell.path}
          {...cellButton(shown, selection)}
          className={cx(
            "rounded px-1.5 py-0.5 hover:bg-hover hover:text-ink",
            shown.cell.path === selection.selected && "bg-accent-soft text-ink ring-1 ring-accent",
          )}
        >
          {shown.field.label}
          <span className="sr-only">, not there</span>
        </button>
      ))}
    </p>
  );
}

function Section({ group, selection }: { group: Group; selection: Selection }) {
  // A group that is one table of the same name needs no second headline.
  const alone = group.parts.length === 1 && group.absent.length === 0 ? group.parts[0] : undefined;
  const titled = alone && isTable(alone) && alone.field.label === group.name;
  return (
    <section aria-label={group.name} className="border-b border-line py-2 last:border-0">
      {titled ? null : (
        <h2 className="px-4 pt-1 pb-1 text-xs font-semibold tracking-wide text-muted uppercase">
          {group.name}
        </h2>
      )}
      {group.parts.map((part) => {
        if (isLabels(part))
          return <LabelsRow key={part.field.name} labels={part} selection={selection} />;
        if (!isTable(part))
          return <CellRow key={part.cell.path} shown={part} selection={selection} />;
        const Rows = isWordy(part) ? RowsCards : RowsTable;
        return <Rows key={part.field.name} table={part} selection={selection} />;
      })}
      <Absent group={group} selection={selection} />
    </section>
  );
}

/** The cells of a run in the schema's order, with its checks. */
export function Cells({
  review,
  notes,
  selection,
}: {
  review: Review;
  notes: readonly string[];
  selection: Selection;
}) {
  return (
    <>
      <Summary review={review} selection={selection} />
      <section
        aria-label="Values"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
      >
        <FailedChecks review={review} selection={selection} />
        <Departures review={review} selection={selection} />
        {review.groups.map((group) => (
          <Section key={group.name} group={group} selection={selection} />
        ))}
        <OtherChecks review={review} />
        {notes.length > 0 ? (
          <details className="group border-t border-line">
            <summary className="flex cursor-pointer list-none items-center gap-2 px-4 py-2.5 text-sm hover:bg-hover">
              About the document
              <ChevronRight
                aria-hidden
                className="ml-auto size-4 text-muted transition-transform group-open:rotate-90"
              />
            </summary>
            <ul className="list-disc pr-4 pb-3 pl-9 text-sm text-muted">
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </details>
        ) : null}
      </section>
    </>
  );
}
