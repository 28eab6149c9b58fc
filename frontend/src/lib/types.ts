import type { components } from "@/client/schema";

// The API's own shapes under the names that the app uses. Nothing is written by hand here.
type Schemas = components["schemas"];

export type Problem = Schemas["Problem"];
export type Run = Schemas["RunSummary"];
export type RunDetail = Schemas["RunView"];
export type RunState = Run["state"];
export type Progress = Schemas["ProgressView"];
export type Cell = Schemas["CellView"];
export type CellStatus = Cell["status"];
export type Evidence = Schemas["EvidenceView"];
export type RuleResult = Schemas["RuleView"];
export type Page = Schemas["PageView"];
export type Line = Schemas["LineView"];
export type Task = Schemas["TaskView"];
export type TaskSummary = Schemas["TaskSummary"];
export type Field = Schemas["FieldView"];
export type Material = Schemas["MaterialView"];
export type MaterialUpdate = Schemas["MaterialUpdate"];
export type LabelList = Schemas["ListView"];
export type Label = Schemas["LabelView"];
export type PassageFile = Schemas["PassageFileView"];
