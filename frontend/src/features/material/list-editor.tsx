import { useState } from "react";
import { count } from "@/lib/format";
import type { LabelList, Material } from "@/lib/types";
import { fromLines, lineOf, toLines } from "./lines";
import { editorClass, type Issue, SaveBar, Section, useSave } from "./section";

interface Props {
  material: Material;
  list: LabelList;
}

/** `chart_of_accounts` reads as `Chart of accounts`. */
function readable(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The other lists that are the customer's own: they must be sent along, or they would be given up. */
function others(material: Material, name: string) {
  return Object.fromEntries(
    material.lists
      .filter((each) => each.own && each.name !== name)
      .map((each) => [each.name, each.labels]),
  );
}

/** A list of labels, one in each line. */
export function ListEditor({ material, list }: Props) {
  const save = useSave(material.task);
  const written = toLines(list.labels);
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? written;
  const labels = fromLines(text, list.labels);
  const send = (own: boolean) => {
    const lists = { ...others(material, list.name), ...(own ? { [list.name]: labels } : {}) };
    save.mutate(
      { lists: Object.keys(lists).length > 0 ? lists : null },
      { onSuccess: () => setDraft(null) },
    );
  };
  const where = (issue: Issue) => {
    const index = /\[(\d+)\]/.exec(issue.field)?.[1];
    return index === undefined ? null : lineOf(text, Number(index));
  };
  return (
    <Section
      title={readable(list.name)}
      own={list.own}
      about={
        <>
          One label in each line. If you like, add how people call it and the words that stand for
          it: <code className="font-mono text-xs">refund | Money back | refund, money back</code>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send(true);
        }}
      >
        <textarea
          aria-label={`Labels of ${readable(list.name)}`}
          value={text}
          rows={Math.min(16, Math.max(5, text.split("\n").length + 1))}
          spellCheck={false}
          onChange={(event) => setDraft(event.target.value)}
          className={editorClass}
        />
        <p className="mt-1 text-xs text-muted">{count(labels.length, "label")}</p>
        <SaveBar
          changed={draft !== null && draft !== written}
          own={list.own}
          busy={save.isPending}
          error={save.error}
          lineOf={where}
          onDiscard={() => {
            setDraft(null);
            save.reset();
          }}
          onGiveUp={() => send(false)}
        />
      </form>
    </Section>
  );
}
