import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { eventsAddress } from "./api";
import { runQuery } from "./queries";
import type { Progress, RunState } from "./types";

/**
 * Follows one run's event stream while it is at work, and keeps its cached copy up to date: progress as
 * it comes, and the whole run again when its state changes. The browser reconnects by itself and says
 * which event it saw last.
 */
export function useRunEvents(id: string, active: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!active) return;
    const { queryKey } = runQuery(id);
    const stream = new EventSource(eventsAddress(id));
    stream.addEventListener("progress", (event) => {
      const progress = JSON.parse(event.data) as Progress;
      client.setQueryData(
        queryKey,
        (run) => run && { ...run, state: "running" as RunState, progress },
      );
    });
    stream.addEventListener("state", () => void client.invalidateQueries({ queryKey }));
    stream.addEventListener("end", () => {
      stream.close();
      void client.invalidateQueries({ queryKey });
      void client.invalidateQueries({ queryKey: ["runs"] });
    });
    return () => stream.close();
  }, [client, id, active]);
}
