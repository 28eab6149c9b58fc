import { useState } from "react";
import type { Material } from "@/lib/types";
import { editorClass, SaveBar, Section, useSave } from "./section";

/** Positions on clauses, as TOML. */
export function PlaybookEditor({ material }: { material: Material }) {
  const save = useSave(material.task);
  const written = material.playbook.text ?? "";
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? written;
  const keep = { onSuccess: () => setDraft(null) };
  return (
    <Section
      title="Playbook"
      own={material.playbook.own}
      about="Your positions, clause by clause: what must be there, what must not, which words and periods you accept. Code compares them with the words of each contract."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ playbook: text }, keep);
        }}
      >
        <textarea
          aria-label="Playbook as TOML"
          value={text}
          rows={Math.min(28, Math.max(8, text.split("\n").length + 1))}
          spellCheck={false}
          onChange={(event) => setDraft(event.target.value)}
          className={`${editorClass} font-mono text-xs leading-5`}
        />
        <SaveBar
          changed={draft !== null && draft !== written}
          own={material.playbook.own}
          busy={save.isPending}
          error={save.error}
          onDiscard={() => {
            setDraft(null);
            save.reset();
          }}
          onGiveUp={() => save.mutate({ playbook: null }, keep)}
        />
      </form>
    </Section>
  );
}
