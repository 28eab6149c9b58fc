import { FileUp } from "lucide-react";
import { type ReactNode, type RefObject, useId } from "react";
import { Button } from "@/components/ui/button";
import { cx } from "@/lib/cx";

interface Props {
  onFiles: (files: File[]) => void;
  /** So that the page's shortcut can open the file dialog. */
  input: RefObject<HTMLInputElement | null>;
  /** With nothing below it yet, it takes the room and explains itself. */
  large: boolean;
  /** What goes in, in a sentence. */
  takes: string;
  /** Another way in: text that is pasted or typed. */
  text?: ReactNode;
  /** What else can be done, such as trying a sample. */
  more?: ReactNode;
}

/** Where documents go in: drop, choose or paste. */
export function DropZone({ onFiles, input, large, takes, text, more }: Props) {
  const hint = useId();
  return (
    <section
      aria-label="Add documents"
      className={cx(
        "relative rounded-xl border border-dashed border-line-strong bg-surface px-4",
        large ? "py-6" : "py-3",
      )}
    >
      <div className="flex flex-wrap items-center gap-3">
        <span
          className={cx(
            "flex items-center justify-center rounded-lg bg-accent-soft text-accent max-sm:hidden",
            large ? "size-11" : "size-8",
          )}
        >
          <FileUp aria-hidden className={large ? "size-5.5" : "size-4"} />
        </span>
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <p className={cx("font-semibold", large ? "text-base" : "text-sm")}>
            Drop documents here, paste them, or choose files
          </p>
          <p id={hint} className="text-sm text-muted">
            {takes}
          </p>
        </div>
        <Button look="primary" aria-describedby={hint} onClick={() => input.current?.click()}>
          Choose files
          <span className="rounded bg-black/15 px-1 text-xs max-sm:hidden">u</span>
        </Button>
      </div>
      {text ? <div className="mt-3 border-t border-line pt-3">{text}</div> : null}
      {more ? <div className="mt-3 border-t border-line pt-3">{more}</div> : null}
      <input
        ref={input}
        type="file"
        multiple
        className="sr-only"
        tabIndex={-1}
        aria-label="Files to read"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </section>
  );
}
