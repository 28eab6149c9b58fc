import { StandingIcon, standings } from "@/components/ui/status";
import { cx } from "@/lib/cx";
import { cellButton, cellClass } from "./cell-button";
import { CellValue } from "./cell-value";
import { isDoubtful, type Labels, type Shown } from "./model";
import { Sentences } from "./sentences";
import type { Selection } from "./use-selection";
import { written } from "./value";

interface Props {
  shown: Shown;
  selection: Selection;
}

const ROW = "flex w-full items-baseline gap-3 px-4 py-1.5 text-left text-sm max-sm:py-2";
const LABEL = "w-40 shrink-0 text-muted max-sm:w-28";

function StandingWord({ shown }: { shown: Shown }) {
  const { standing } = shown;
  return (
    <span
      className={cx(
        "flex shrink-0 items-center gap-1 self-start pt-0.5 text-xs",
        isDoubtful(shown) && "font-medium",
        standings[standing].text,
      )}
    >
      <span className={standing === "found" ? "sr-only" : ""}>{standings[standing].word}</span>
      <StandingIcon standing={standing} />
    </span>
  );
}

/** A label and its value, with what it wants from a person. */
export function CellRow({ shown, selection }: Props) {
  const { cell, field, standing } = shown;
  if (field.kind === "text" && cell.value !== null)
    return <TextRow shown={shown} selection={selection} />;
  return (
    <button
      {...cellButton(shown, selection)}
      className={cx(ROW, "hover:bg-hover", cellClass(shown, selection))}
    >
      <span className={LABEL}>{field.label}</span>
      <span className="min-w-0 flex-1">
        <CellValue shown={shown} />
        {isDoubtful(shown) ? (
          <span className={cx("block text-xs", standings[standing].text)}>
            {shown.failed[0]?.detail ?? cell.reason ?? standings[standing].about}
          </span>
        ) : null}
      </span>
      <StandingWord shown={shown} />
    </button>
  );
}

/** A text: its label is the cell's button, because the numbers of its lines are buttons of their own. */
function TextRow({ shown, selection }: Props) {
  return (
    <div className={cx(ROW, cellClass(shown, selection))}>
      <button {...cellButton(shown, selection)} className={cx(LABEL, "text-left hover:text-ink")}>
        {shown.field.label}
      </button>
      <span className="min-w-0 flex-1">
        <Sentences shown={shown} selection={selection} />
      </span>
      <StandingWord shown={shown} />
    </div>
  );
}

/** A choice that takes several labels: each is a value with a proof of its own. */
export function LabelsRow({ labels, selection }: { labels: Labels; selection: Selection }) {
  return (
    <div className={ROW}>
      <span className={LABEL}>{labels.field.label}</span>
      <span className="flex min-w-0 flex-1 flex-wrap gap-1.5">
        {labels.labels.map((shown) => (
          <button
            key={shown.cell.path}
            {...cellButton(shown, selection)}
            className={cx(
              "inline-flex items-center gap-1 rounded-full border border-line-strong px-2.5 py-0.5 hover:bg-hover",
              cellClass(shown, selection),
            )}
          >
            {written(shown.cell, shown.field)}
            {isDoubtful(shown) ? (
              <>
                <StandingIcon standing={shown.standing} />
                <span className="sr-only">{standings[shown.standing].word}</span>
              </>
            ) : null}
          </button>
        ))}
      </span>
    </div>
  );
}
