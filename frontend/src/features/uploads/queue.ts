import { useSyncExternalStore } from "react";
import { type Problem, sendFile } from "@/lib/upload";

/** A file on its way. Once the server has made a run of it, it leaves the queue. */
export interface Upload {
  id: string;
  file: File;
  task: string;
  state: "queued" | "sending" | "refused";
  /** How much of it was sent, 0 to 1. */
  sent: number;
  problem: Problem | null;
}

const AT_ONCE = 3;

/** Sends files one by one; a store for `useSyncExternalStore`. */
export class UploadQueue {
  private uploads: readonly Upload[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly stops = new Map<string, AbortController>();
  private readonly onRun: () => void;

  /** `onRun` is called whenever a file has become a run. */
  constructor(onRun: () => void) {
    this.onRun = onRun;
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = () => this.uploads;

  readonly add = (files: readonly File[], task: string) => {
    const added = files.map((file): Upload => {
      return { id: crypto.randomUUID(), file, task, state: "queued", sent: 0, problem: null };
    });
    this.publish([...this.uploads, ...added]);
    this.next();
  };

  /** Sends a refused file again, under the same key. */
  readonly again = (id: string) => {
    this.change(id, { state: "queued", sent: 0, problem: null });
    this.next();
  };

  /** Stops sending, or forgets a refused file. */
  readonly drop = (id: string) => {
    this.stops.get(id)?.abort();
    this.publish(this.uploads.filter((upload) => upload.id !== id));
  };

  private next() {
    const sending = this.uploads.filter((upload) => upload.state === "sending").length;
    const waiting = this.uploads.filter((upload) => upload.state === "queued");
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - sending))) void this.send(upload);
  }

  private async send(upload: Upload) {
    const stop = new AbortController();
    this.stops.set(upload.id, stop);
    this.change(upload.id, { state: "sending" });
    const problem = await sendFile({
      file: upload.file,
      task: upload.task,
      key: upload.id,
      signal: stop.signal,
      onSent: (sent) => this.change(upload.id, { sent }),
    });
    this.stops.delete(upload.id);
    if (problem) {
      this.change(upload.id, { state: "refused", problem });
    } else {
      this.onRun();
      this.publish(this.uploads.filter((each) => each.id !== upload.id));
    }
    this.next();
  }

  private change(id: string, changes: Partial<Upload>) {
    this.publish(this.uploads.map((each) => (each.id === id ? { ...each, ...changes } : each)));
  }

  private publish(uploads: readonly Upload[]) {
    this.uploads = uploads;
    for (const listener of this.listeners) listener();
  }
}

/** What is on its way. */
export function useUploads(queue: UploadQueue): readonly Upload[] {
  return useSyncExternalStore(queue.subscribe, queue.snapshot);
}
