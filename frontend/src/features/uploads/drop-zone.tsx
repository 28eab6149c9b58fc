import { FileUp } from "lucide-react";
import { type ReactNode, type RefObject, useId } from "react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { cx } from "@/lib/cx";

interface Props {
  onFiles: (files: File[]) => void;
  /** So that the page's shortcut can open the file dialog. */
  input: RefObject<HTMLInputElement | null>;
  /** With nothing below it yet, it takes the room and explains itself. */
  large: boolean;
  /** The choice of the task. */
  picker: ReactNode;
  /** What else can be done, such as trying a sample. */
  more?: ReactNode;
}

/** Where files go in: drop, choose or paste. */
export function DropZone({ onFiles, input, large, picker, more }: Props) {
  const hint = useId();
  return (
    <section
      aria-label="Add documents"
      className={cx(
        "relative rounded-xl border border-dashed border-line-strong bg-surface transition-[padding]",
        large ? "px-6 py-14 text-center max-sm:py-10" : "px-4 py-3",
      )}
    >
      <div className={cx("flex gap-3", large ? "flex-col items-center" : "flex-wrap items-center")}>
        <span
          className={cx(
            "flex items-center justify-center rounded-lg bg-accent-soft text-accent",
            large ? "mb-1 size-12" : "size-8 max-sm:hidden",
          )}
        >
          <FileUp aria-hidden className={large ? "size-6" : "size-4"} />
        </span>
        <div className={cx("min-w-0", large ? "max-w-md" : "flex-1 max-sm:basis-full")}>
          <p className={cx("font-semibold", large ? "text-lg" : "text-sm")}>
            {large ? "Drop documents here" : "Drop, paste or choose documents"}
          </p>
          <p id={hint} className="text-sm text-muted">
            PDF, scans and photos, e-mails, Word, Excel, text
            {large ? ". Every value comes back with the words it was read from." : ""}
          </p>
        </div>
        <div className={cx("flex flex-wrap items-center gap-2", large && "mt-3 justify-center")}>
          {picker}
          <Button look="primary" aria-describedby={hint} onClick={() => input.current?.click()}>
            Choose files
            <span className="rounded bg-black/15 px-1 text-xs max-sm:hidden">u</span>
          </Button>
        </div>
        {large ? (
          <p className="mt-1 text-xs text-muted max-sm:hidden">
            or paste with <Kbd>Ctrl</Kbd> <Kbd>V</Kbd>
          </p>
        ) : null}
        {more}
      </div>
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
