import { BookOpenText, ChevronRight } from "lucide-react";
import { cx } from "@/lib/cx";
import { count } from "@/lib/format";
import type { RuleResult } from "@/lib/types";
import { target } from "./checks";
import type { Review } from "./model";
import type { Selection } from "./use-selection";

const LOOKS = {
  high: { word: "High", look: "bg-bad-soft text-bad" },
  medium: { word: "Medium", look: "bg-warn-soft text-warn" },
  low: { word: "Low", look: "bg-sunken text-muted" },
} as const;
const WEIGHT = { high: 0, medium: 1, low: 2 } as const;

function severity(rule: RuleResult): keyof typeof LOOKS {
  return rule.severity ?? "medium";
}

/** Where the document departs from the customer's playbook: the gravest first, each with what to do. */
export function Departures({ review, selection }: { review: Review; selection: Selection }) {
  const rules = review.rules.departed.toSorted((a, b) => WEIGHT[severity(a)] - WEIGHT[severity(b)]);
  if (rules.length === 0) return null;
  return (
    <section
      aria-label="Departures from the playbook"
      className="m-3 overflow-hidden rounded-lg border border-warn/50"
    >
      <h2 className="flex items-center gap-2 bg-warn-soft px-3 py-1.5 text-sm font-medium">
        <BookOpenText aria-hidden className="size-4 shrink-0 text-warn" />
        {count(rules.length, "departure")} from your playbook
      </h2>
      <ul className="divide-y divide-line">
        {rules.map((rule) => {
          const path = target(review, rule);
          const { word, look } = LOOKS[severity(rule)];
          return (
            <li key={`${rule.code} ${rule.detail}`} data-rule={rule.code}>
              <button
                type="button"
                disabled={path === null}
                onClick={() => path && selection.reveal(path)}
                className="flex w-full items-start gap-2.5 px-3 py-1.5 text-left text-sm enabled:hover:bg-hover"
              >
                <span
                  className={cx(
                    "mt-0.5 w-16 shrink-0 rounded px-1 text-center text-xs font-medium",
                    look,
                  )}
                >
                  {word}
                </span>
                <span className="min-w-0 flex-1">
                  <span className="block break-words">{rule.detail}</span>
                  {rule.advice ? (
                    <span className="block text-xs break-words text-muted">{rule.advice}</span>
                  ) : null}
                </span>
                {path ? (
                  <ChevronRight aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
                ) : null}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
