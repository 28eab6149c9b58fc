import { Link } from "@tanstack/react-router";
import { ChevronRight, CircleCheck, CircleDashed, Flag } from "lucide-react";
import { count } from "@/lib/format";
import type { RuleResult } from "@/lib/types";
import type { Review } from "./model";
import type { Selection } from "./use-selection";

interface Props {
  review: Review;
  selection: Selection;
}

/** The first selectable cell that a rule is about. */
export function target(review: Review, rule: RuleResult): string | null {
  const exact = review.order.find((shown) => rule.paths.includes(shown.cell.path));
  const within = review.order.find((shown) =>
    rule.paths.some((path) => shown.cell.path.startsWith(`${path}[`)),
  );
  return (exact ?? within)?.cell.path ?? null;
}

/** Checks that do not come out, with their arithmetic; each leads to its cells. */
export function FailedChecks({ review, selection }: Props) {
  if (review.rules.failed.length === 0) return null;
  return (
    <ul
      aria-label="Failed checks"
      className="m-3 divide-y divide-bad/20 overflow-hidden rounded-lg border border-bad/40 bg-bad-soft"
    >
      {review.rules.failed.map((rule) => {
        const path = target(review, rule);
        return (
          <li key={`${rule.code} ${rule.detail}`} data-rule={rule.code}>
            <button
              type="button"
              disabled={path === null}
              onClick={() => path && selection.reveal(path)}
              className="flex w-full items-start gap-2.5 px-3 py-2 text-left text-sm enabled:hover:brightness-97"
            >
              <Flag aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
              <span className="min-w-0 flex-1">
                <span className="block font-medium break-words">{rule.detail}</span>
                <span className="block text-xs text-ink/80">Check: {rule.label}</span>
              </span>
              {path ? (
                <ChevronRight aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
              ) : null}
            </button>
            {rule.run_id ? (
              <Link
                to="/runs/$runId"
                params={{ runId: rule.run_id }}
                className="ml-9.5 inline-block pb-2 text-sm font-medium underline underline-offset-2"
              >
                Open the earlier document
              </Link>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

/** Checks that came out, and those that could not be made; folded, since nothing is asked of anyone. */
export function OtherChecks({ review }: { review: Review }) {
  const { passed, open } = review.rules;
  if (passed.length + open.length === 0) return null;
  const summary = [
    passed.length > 0 ? `${count(passed.length, "check")} passed` : null,
    open.length > 0 ? `${open.length} could not be made` : null,
  ];
  return (
    <details className="group border-t border-line">
      <summary className="flex cursor-pointer list-none items-center gap-2 px-4 py-2.5 text-sm hover:bg-hover">
        <CircleCheck aria-hidden className="size-4 text-good" />
        {summary.filter(Boolean).join(", ")}
        <ChevronRight
          aria-hidden
          className="ml-auto size-4 text-muted transition-transform group-open:rotate-90"
        />
      </summary>
      <ul className="pb-2">
        {[...passed, ...open].map((rule) => (
          <li
            key={`${rule.code} ${rule.detail}`}
            className="flex items-start gap-2 px-4 py-1.5 text-sm"
          >
            {rule.passed ? (
              <CircleCheck aria-label="Passed" className="mt-0.5 size-3.5 shrink-0 text-good" />
            ) : (
              <CircleDashed
                aria-label="Could not be made"
                className="mt-0.5 size-3.5 shrink-0 text-muted"
              />
            )}
            <span className="min-w-0">
              <span className="block">{rule.label}</span>
              <span className="block text-xs break-words text-muted">{rule.detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
