import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { toast } from "@/components/ui/toast";
import { cancelRun, deleteRun, retryRun } from "@/lib/api";
import { sentence } from "@/lib/problem";
import { Removals } from "./removals";

const removals = new Removals();

/** Runs that are out of sight and will be deleted unless someone says undo. */
export function useRemoved(): ReadonlySet<string> {
  return useSyncExternalStore(removals.subscribe, removals.snapshot);
}

/** Cancel, try again and remove; the first and the last with a way back. */
export function useRunActions() {
  const client = useQueryClient();
  useEffect(() => {
    const now = () => removals.flush();
    window.addEventListener("pagehide", now);
    return () => window.removeEventListener("pagehide", now);
  }, []);
  const refresh = (id: string) =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["runs"] }),
      client.invalidateQueries({ queryKey: ["run", id] }),
    ]);
  const onError = (error: unknown) => toast(sentence(error), { bad: true });
  const retry = useMutation({
    mutationFn: retryRun,
    onError,
    onSettled: (_, __, id) => refresh(id),
  });
  const cancel = useMutation({
    mutationFn: cancelRun,
    onError,
    onSuccess: (_, id) =>
      toast("Cancelled", { action: { label: "Undo", run: () => retry.mutate(id) } }),
    onSettled: (_, __, id) => refresh(id),
  });
  const remove = (id: string, name: string) => {
    removals.add(id, () =>
      deleteRun(id)
        .catch(onError)
        .then(() => client.invalidateQueries({ queryKey: ["runs"] })),
    );
    toast(`${name} removed`, { action: { label: "Undo", run: () => removals.undo(id) } });
  };
  return { cancel: cancel.mutate, retry: retry.mutate, remove };
}
