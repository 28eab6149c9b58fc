import { type RefObject, useState } from "react";
import { Button } from "@/components/ui/button";
import { count } from "@/lib/format";

/** The server's own limit on a request that is not a file. */
const MOST_BYTES = 1_000_000;

interface Props {
  /** So that the page's shortcut can go to it. */
  field: RefObject<HTMLTextAreaElement | null>;
  example: string;
  busy: boolean;
  /** Gives false where it could not be sent; then the text stays. */
  onText: (text: string) => Promise<boolean>;
}

/** A message, a transcript, a statement: typed or pasted. Ctrl+Enter reads it. */
export function TextEntry({ field, example, busy, onText }: Props) {
  const [text, setText] = useState("");
  const bytes = new TextEncoder().encode(text).length;
  const lines = text.trim() ? text.trim().split("\n").length : 0;
  const tooLong = bytes > MOST_BYTES;
  const send = async () => {
    if (lines > 0 && !tooLong && !busy && (await onText(text))) setText("");
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label className="block text-sm">
        <span className="font-semibold">Or paste the text</span>
        <textarea
          ref={field}
          value={text}
          rows={Math.min(12, Math.max(3, lines + 1))}
          placeholder={example}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
            if (event.key === "Escape") event.currentTarget.blur();
          }}
          className="mt-1.5 block w-full resize-y rounded-lg border border-line-strong bg-raised px-3 py-2 text-sm placeholder:text-muted/80"
        />
      </label>
      <div className="mt-2 flex items-center gap-3 text-xs text-muted">
        <Button type="submit" disabled={lines === 0 || tooLong || busy}>
          Read the text
        </Button>
        {tooLong ? (
          <span role="alert" className="text-bad">
            This is more than a megabyte. Save it as a file and send that.
          </span>
        ) : (
          <span className="max-sm:hidden">
            {lines > 0 ? `${count(lines, "line")}, Ctrl+Enter reads it` : "Press p to come here"}
          </span>
        )}
      </div>
    </form>
  );
}
