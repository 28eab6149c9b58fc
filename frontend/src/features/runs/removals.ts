const WAIT_MS = 6500;

/**
 * Removals that can still be undone: out of sight at once, done for good when the message about them has
 * gone, or when the page is left.
 */
export class Removals {
  private hidden: ReadonlySet<string> = new Set();
  private readonly pending = new Map<
    string,
    { timer: ReturnType<typeof setTimeout>; run: () => Promise<unknown> }
  >();
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = () => this.hidden;

  /** Hides `id` now and calls `run` later; what failed to be removed comes back into sight. */
  add(id: string, run: () => Promise<unknown>): void {
    const timer = setTimeout(() => void this.finish(id), WAIT_MS);
    this.pending.set(id, { timer, run });
    this.publish([...this.hidden, id]);
  }

  /** Takes it back, if it is not too late. */
  undo(id: string): void {
    const pending = this.pending.get(id);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.pending.delete(id);
    this.publish([...this.hidden].filter((each) => each !== id));
  }

  /** Does all that is pending, now. */
  flush(): void {
    for (const id of [...this.pending.keys()]) void this.finish(id);
  }

  private async finish(id: string) {
    const pending = this.pending.get(id);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.pending.delete(id);
    await pending.run();
    this.publish([...this.hidden].filter((each) => each !== id));
  }

  private publish(hidden: string[]) {
    this.hidden = new Set(hidden);
    for (const listener of this.listeners) listener();
  }
}
