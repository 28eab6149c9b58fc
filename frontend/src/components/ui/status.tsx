import {
  BookOpenText,
  Check,
  CircleDashed,
  EyeOff,
  Flag,
  type LucideIcon,
  Minus,
  PenLine,
  Sigma,
  Split,
} from "lucide-react";
import { cx } from "@/lib/cx";
import type { CellStatus } from "@/lib/types";

/** How a cell stands: its status, that it is text of our own, that a check on it failed, or that it departs
 * from the playbook. */
export type Standing = CellStatus | "written" | "failed" | "departs";

interface Look {
  word: string;
  about: string;
  icon: LucideIcon;
  text: string;
  soft: string;
}

/** Each standing has its own word and its own shape; colour only repeats them. */
export const standings: Record<Standing, Look> = {
  found: {
    word: "Found",
    about: "These words stand on the page.",
    icon: Check,
    text: "text-good",
    soft: "bg-accent-soft",
  },
  derived: {
    word: "Worked out",
    about: "Follows from the document, by rule.",
    icon: Sigma,
    text: "text-info",
    soft: "bg-info-soft",
  },
  absent: {
    word: "Not there",
    about: "The document does not give it.",
    icon: Minus,
    text: "text-muted",
    soft: "bg-sunken",
  },
  unreadable: {
    word: "Unreadable",
    about: "It is there, but cannot be read as what it should be.",
    icon: EyeOff,
    text: "text-warn",
    soft: "bg-warn-soft",
  },
  conflicting: {
    word: "Conflicting",
    about: "The document gives more than one reading.",
    icon: Split,
    text: "text-warn",
    soft: "bg-warn-soft",
  },
  written: {
    word: "Written",
    about: "Written from the lines that it cites.",
    icon: PenLine,
    text: "text-info",
    soft: "bg-info-soft",
  },
  failed: {
    word: "Check failed",
    about: "A check on this value does not come out.",
    icon: Flag,
    text: "text-bad",
    soft: "bg-bad-soft",
  },
  departs: {
    word: "Departs",
    about: "Your playbook wants it otherwise.",
    icon: BookOpenText,
    text: "text-warn",
    soft: "bg-warn-soft",
  },
};

export function StandingIcon({
  standing,
  className,
}: {
  standing: Standing | null;
  className?: string;
}) {
  const look = standing ? standings[standing] : null;
  const Icon = look?.icon ?? CircleDashed;
  return (
    <Icon aria-hidden className={cx("size-3.5 shrink-0", look?.text ?? "text-muted", className)} />
  );
}

/** Icon and word in one. */
export function StandingBadge({ standing }: { standing: Standing }) {
  const look = standings[standing];
  return (
    <span
      className={cx(
        "inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap",
        look.soft,
        look.text,
      )}
    >
      <StandingIcon standing={standing} className="size-3" />
      {look.word}
    </span>
  );
}
