import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { type Standing, StandingIcon, standings } from "@/components/ui/status";

const KEYS: { title: string; keys: [string[], string][] }[] = [
  {
    title: "Runs",
    keys: [
      [["1", "…", "6"], "Choose what is read"],
      [["u"], "Choose files"],
      [["p"], "Paste a text"],
      [["j", "k"], "Next, previous"],
      [["Enter"], "Open"],
      [["x"], "Remove"],
    ],
  },
  {
    title: "A run",
    keys: [
      [["n"], "Next value to check"],
      [["j", "k"], "Next, previous value"],
      [["↑", "↓", "←", "→"], "Move in a table"],
      [["c"], "Copy the value"],
      [["+", "-", "0"], "Larger, smaller, fit"],
      [["[", "]"], "Previous, next page"],
      [["Esc"], "Back to the runs"],
    ],
  },
];

/** Every key, and what the signs mean. */
export function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys and signs">
      <div className="grid gap-6 sm:grid-cols-2">
        {KEYS.map((group) => (
          <section key={group.title}>
            <h3 className="mb-2 text-xs font-semibold text-muted uppercase">{group.title}</h3>
            <dl className="space-y-1.5 text-sm">
              {group.keys.map(([keys, about]) => (
                <div key={about} className="flex items-center justify-between gap-3">
                  <dt>{about}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <section className="mt-5 border-t border-line pt-4">
        <h3 className="mb-2 text-xs font-semibold text-muted uppercase">How a value stands</h3>
        <dl className="space-y-1.5 text-sm">
          {(Object.keys(standings) as Standing[]).map((standing) => (
            <div key={standing} className="flex items-start gap-2">
              <dt className="flex w-32 shrink-0 items-center gap-2 font-medium">
                <StandingIcon standing={standing} />
                {standings[standing].word}
              </dt>
              <dd className="text-muted">{standings[standing].about}</dd>
            </div>
          ))}
        </dl>
      </section>
    </Dialog>
  );
}
