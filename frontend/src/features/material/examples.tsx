import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { count } from "@/lib/format";
import type { Material, MaterialUpdate } from "@/lib/types";
import { SaveBar, Section, useSave } from "./section";

type Examples = NonNullable<MaterialUpdate["examples"]>;

/** The examples of a JSON Lines file; a sentence where it is none. */
function parse(text: string): Examples | string {
  const examples: Examples = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      examples.push(JSON.parse(line));
    } catch {
      return `Line ${at + 1} is no JSON. Each line is one example.`;
    }
  }
  return examples.length > 0 ? examples : "The file holds no examples.";
}

/** Texts with right labels: with enough of them, choices are decided by example. */
export function Examples({ material }: { material: Material }) {
  const save = useSave(material.task);
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const take = async (file: File) => {
    const found = parse(await file.text());
    setWrong(typeof found === "string" ? found : null);
    if (typeof found !== "string") save.mutate({ examples: found });
  };
  return (
    <Section
      title="Examples"
      own={material.own_examples}
      about={
        <>
          Texts with their right labels, one JSON object in each line of a file:{" "}
          <code className="font-mono text-xs break-all">
            {'{"text": "Where is my parcel?", "values": {"urgency": "low"}}'}
          </code>
        </>
      }
      actions={
        <>
          <Button disabled={save.isPending} onClick={() => input.current?.click()}>
            <FileUp aria-hidden className="size-3.5" />
            {material.own_examples ? "Replace" : "Add a file"}
          </Button>
          <input
            ref={input}
            type="file"
            accept=".jsonl,.ndjson,application/jsonl"
            className="sr-only"
            tabIndex={-1}
            aria-label="A file of examples"
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (file) void take(file);
              event.target.value = "";
            }}
          />
        </>
      }
    >
      <p className="text-sm">
        {material.examples > 0 ? count(material.examples, "example") : "There are none yet."}
      </p>
      {wrong ? (
        <p role="alert" className="mt-3 rounded-lg bg-bad-soft px-3 py-2 text-sm">
          {wrong}
        </p>
      ) : null}
      <form onSubmit={(event) => event.preventDefault()}>
        {save.isError || material.own_examples ? (
          <SaveBar
            changed={false}
            own={material.own_examples}
            busy={save.isPending}
            error={save.error}
            lineOf={() => null}
            onDiscard={save.reset}
            onGiveUp={() => save.mutate({ examples: null })}
          />
        ) : null}
      </form>
    </Section>
  );
}
