import { cx } from "@/lib/cx";

/** Where something will stand. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("block animate-pulse rounded bg-line", className)} />;
}
