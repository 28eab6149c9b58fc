import type { Progress, Run } from "@/lib/types";

/** The worker's stages in words; `done` and `of` say how far. */
const STAGES: Record<string, (progress: Progress) => string> = {
  opening: () => "Opening the document",
  pages: (p) => (p.of ? `Reading pages, ${p.done ?? 0} of ${p.of}` : "Reading pages"),
  reading: (p) =>
    p.of && p.of > 1 ? `Reading, part ${Math.min((p.done ?? 0) + 1, p.of)} of ${p.of}` : "Reading",
  checking: () => "Checking",
};

/** What a run is doing, in a few words. */
export function doing(run: Pick<Run, "state" | "progress">): string {
  if (run.state === "waiting") return "Waiting";
  const stage = run.progress?.stage;
  return (stage && run.progress && STAGES[stage]?.(run.progress)) || "Reading";
}

/** How far a run has come, 0 to 1, or null where nobody knows. */
export function fraction(run: Pick<Run, "state" | "progress">): number | null {
  const { done, of } = run.progress ?? {};
  return run.state === "running" && of && of > 1 ? Math.min(1, (done ?? 0) / of) : null;
}
