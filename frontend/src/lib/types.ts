// Provisional shapes; replaced by aliases of the generated client.
export type RunState = "waiting" | "running" | "done" | "failed" | "cancelled";
export type CellStatus = "found" | "derived" | "absent" | "unreadable" | "conflicting";

export interface Problem {
  type?: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id?: string;
}

export interface Progress {
  stage?: string | null;
  done?: number | null;
  of?: number | null;
}

export interface Counts {
  found: number;
  derived: number;
  absent: number;
  unreadable: number;
  conflicting: number;
  rules_failed: number;
}

export interface Run {
  id: string;
  task: string;
  task_version: string;
  state: RunState;
  attempt: number;
  document: {
    id: string;
    name: string;
    media_type: string | null;
    size: number;
    page_count: number | null;
  };
  progress: Progress;
  counts?: Counts | null;
  error: Problem | null;
  model: string | null;
  prompt_tokens: number;
  completion_tokens: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface Evidence {
  page: number;
  line: number;
  start: number;
  end: number;
  boxes: number[][];
}

export interface Cell {
  path: string;
  label: string;
  kind: string;
  group: string;
  value: string | boolean | null;
  raw: string | null;
  status: CellStatus;
  evidence: Evidence[];
  signals: Record<string, unknown>;
  reason: string | null;
}

export interface RuleResult {
  code: string;
  label: string;
  passed: boolean | null;
  detail: string;
  paths: string[];
}

export interface Line {
  id: number;
  page: number;
  text: string;
}

export interface Page {
  number: number;
  kind: "text" | "ocr" | "plain" | "xml";
  width: number;
  height: number;
  name: string | null;
  has_image: boolean;
}

export interface Source {
  media_type: string;
  lines: Line[];
}

export interface RunDetail extends Run {
  cells: Cell[];
  rules: RuleResult[];
  notes: string[];
  pages: Page[];
  source: Source | null;
}

export interface Field {
  name: string;
  kind: string;
  label: string;
  about: string;
  group: string;
  required: boolean;
  columns: Field[];
  options: { name: string; label: string }[];
}

export interface TaskSummary {
  id: string;
  version: number;
  title: string;
  about: string;
}

export interface Task extends TaskSummary {
  fields: Field[];
  rules: { code: string; label: string }[];
}
