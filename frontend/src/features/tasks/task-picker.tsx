import { ChevronDown } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Menu, MenuChoice } from "@/components/ui/menu";
import type { TaskSummary } from "@/lib/types";

interface Props {
  tasks: TaskSummary[];
  value: string;
  onChange: (id: string) => void;
}

/** What documents are read as. */
export function TaskPicker({ tasks, value, onChange }: Props) {
  const chosen = tasks.find((task) => task.id === value);
  if (!chosen) return null;
  if (tasks.length === 1) {
    return (
      <span className="px-1 text-sm text-muted">
        Read as <span className="text-ink">{chosen.title}</span>
      </span>
    );
  }
  return (
    <Menu
      align="start"
      width="w-80"
      trigger={
        <Button>
          <span className="text-muted">Read as</span> {chosen.title}
          <ChevronDown aria-hidden className="size-3.5 text-muted" />
        </Button>
      }
    >
      <MenuChoice
        value={value}
        onChange={onChange}
        options={tasks.map((task) => ({ value: task.id, label: task.title, about: task.about }))}
      />
    </Menu>
  );
}
