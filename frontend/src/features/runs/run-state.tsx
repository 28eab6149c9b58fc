import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDotDashed,
  Clock,
  Flag,
  type LucideIcon,
} from "lucide-react";
import { cx } from "@/lib/cx";
import { count } from "@/lib/format";
import type { Run } from "@/lib/types";

/** What of a finished run wants a person's eye: values in doubt, and checks that failed. */
export function toCheck(run: Pick<Run, "counts">): number {
  const { counts } = run;
  return counts ? counts.doubtful + counts.rules_failed : 0;
}

interface Look {
  icon: LucideIcon;
  tone: string;
  word: string;
}

/** A run's state as a shape, a colour and a word. */
export function stateLook(run: Pick<Run, "state" | "counts">): Look {
  switch (run.state) {
    case "waiting":
      return { icon: Clock, tone: "text-muted", word: "Waiting" };
    case "running":
      return { icon: CircleDotDashed, tone: "text-accent", word: "Reading" };
    case "failed":
      return { icon: CircleAlert, tone: "text-bad", word: "Failed" };
    case "cancelled":
      return { icon: Ban, tone: "text-muted", word: "Cancelled" };
    case "done": {
      const open = toCheck(run);
      return open > 0
        ? { icon: Flag, tone: "text-warn", word: `${count(open, "thing")} to check` }
        : { icon: CircleCheck, tone: "text-good", word: "Done" };
    }
  }
}

export function RunStateIcon({
  run,
  className,
}: {
  run: Pick<Run, "state" | "counts">;
  className?: string;
}) {
  const { icon: Icon, tone } = stateLook(run);
  const turning = run.state === "running" ? "animate-[spin_3s_linear_infinite]" : "";
  return <Icon aria-hidden className={cx("size-4 shrink-0", tone, turning, className)} />;
}
