import {
  ArrowLeftRight,
  FileQuestion,
  type LucideIcon,
  MessageSquare,
  ReceiptText,
  Scale,
  Shapes,
  Users,
} from "lucide-react";

/** How a task is shown to someone who has never seen it: our words, beside the task's own. */
export interface TaskLook {
  icon: LucideIcon;
  /** What it makes, in a few words. */
  gives: string;
  /** What goes in. */
  takes: string;
  /** What of a customer's own it reads with, or nothing. */
  own: string | null;
  /** A text that shows what may be pasted; null where documents are files. */
  paste: string | null;
}

const LOOKS: Record<string, TaskLook> = {
  invoices: {
    icon: ReceiptText,
    gives: "Rows for the ledger, arithmetic checked",
    takes: "Invoices, receipts, credit notes, orders: PDF, scan, photo, e-mail",
    own: null,
    paste: null,
  },
  tickets: {
    icon: MessageSquare,
    gives: "Topics, urgency, key facts, a drafted reply",
    takes: "A customer's message or a whole thread: text, e-mail, PDF",
    own: "your topics and help pages",
    paste: "My order 4711 has not arrived. Can you send it again, or refund me?",
  },
  contracts: {
    icon: Scale,
    gives: "Key facts, clauses, departures from a playbook",
    takes: "Contracts: PDF, scan, Word, text",
    own: "your playbook",
    paste: null,
  },
  questionnaires: {
    icon: FileQuestion,
    gives: "Each question answered from your documents, or a blank",
    takes: "Questionnaires: text, Word, Excel, PDF, CSV",
    own: "your policies and manuals",
    paste: "1. Is customer data encrypted at rest?\n2. How long are backups kept?",
  },
  meetings: {
    icon: Users,
    gives: "Decisions, actions with owner and date, open questions",
    takes: "Transcripts or notes: text, Word, PDF",
    own: null,
    paste: "Anna: We go with the second supplier.\nBen: Fine. I will write the contract by Friday.",
  },
  transactions: {
    icon: ArrowLeftRight,
    gives: "An account for each entry, merchant, recurring or not",
    takes: "Bank or card statements: CSV, Excel, PDF, text",
    own: "your chart of accounts",
    paste: "03.11.2026  SPOTIFY AB STOCKHOLM  -10,99\n04.11.2026  GREENGRID ENERGY  -84,20",
  },
};

const OTHER: TaskLook = {
  icon: Shapes,
  gives: "",
  takes: "PDF, scans and photos, e-mails, Word, Excel, text",
  own: null,
  paste: "",
};

export function lookOf(task: string): TaskLook {
  return LOOKS[task] ?? OTHER;
}
