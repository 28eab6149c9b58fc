import { CircleAlert, CloudUpload, RotateCw, X } from "lucide-react";
import { Button, IconButton } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { size } from "@/lib/format";
import { type Upload, type UploadQueue, useUploads } from "./queue";

/** Trying again may help only where the file itself was not the reason. */
function worthAnotherTry(upload: Upload): boolean {
  const status = upload.problem?.status ?? 0;
  return status === 0 || status === 429 || status >= 500;
}

function UploadRow({ upload, queue }: { upload: Upload; queue: UploadQueue }) {
  const percent = Math.round(upload.sent * 100);
  const refused = upload.state === "refused";
  const Icon = refused ? CircleAlert : CloudUpload;
  return (
    <li className="flex items-center gap-3 px-4 py-2.5" data-upload={upload.state}>
      <Icon
        aria-hidden
        className={refused ? "size-4 shrink-0 text-bad" : "size-4 shrink-0 text-accent"}
      />
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium">{upload.file.name}</p>
        {refused ? (
          <p role="alert" className="text-sm text-bad">
            {upload.problem?.detail}
          </p>
        ) : (
          <p className="text-xs text-muted">
            {upload.state === "queued"
              ? "Waiting to be sent"
              : `Sending, ${percent} % of ${size(upload.file.size)}`}
          </p>
        )}
      </div>
      {upload.state === "sending" ? (
        <Meter value={upload.sent} label={`Sending ${upload.file.name}`} />
      ) : null}
      {refused && worthAnotherTry(upload) ? (
        <Button small onClick={() => queue.again(upload.id)}>
          <RotateCw aria-hidden className="size-3.5" />
          Send again
        </Button>
      ) : null}
      <IconButton
        label={refused ? `Dismiss ${upload.file.name}` : `Stop sending ${upload.file.name}`}
        onClick={() => queue.drop(upload.id)}
      >
        <X className="size-4" />
      </IconButton>
    </li>
  );
}

/** The files on their way, above the runs. */
export function UploadRows({ queue }: { queue: UploadQueue }) {
  const uploads = useUploads(queue);
  if (uploads.length === 0) return null;
  return (
    <ul
      aria-label="Files being sent"
      className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface"
    >
      {uploads.map((upload) => (
        <UploadRow key={upload.id} upload={upload} queue={queue} />
      ))}
    </ul>
  );
}
