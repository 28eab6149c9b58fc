import { toProblem } from "./problem";
import type { Problem } from "./types";

export type { Problem } from "./types";

interface Sending {
  file: File;
  task: string;
  /** The idempotency key: the same file sent twice under one key makes one run. */
  key: string;
  signal: AbortSignal;
  onSent: (fraction: number) => void;
}

/**
 * Sends one file to be read. Gives null when a run was made of it, else why not.
 * XMLHttpRequest, since `fetch` does not tell how much of a body was sent.
 */
export function sendFile({ file, task, key, signal, onSent }: Sending): Promise<Problem | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("task", task);
    body.append("files", file, file.name);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onSent(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve(null);
      let answer: unknown = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // Not JSON: some proxy answered. The status alone must do.
      }
      resolve(toProblem(answer, request.status));
    };
    request.onerror = () => resolve(toProblem(null, 0));
    request.onabort = () => resolve(toProblem(null, 0));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", "/v1/runs");
    request.setRequestHeader("Idempotency-Key", key);
    request.send(body);
  });
}
