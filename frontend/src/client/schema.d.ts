// Generated from docs/openapi.json by `npm run generate`. Do not edit.

export interface paths {
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive?
         * @description Asks nothing of anybody: a slow database must not get web processes killed.
         */
        get: operations["health-live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * May requests be sent here?
         * @description Whether the database answers in half a second, there is room for files, and no stop was asked for.
         */
        get: operations["health-ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tasks
         * @description Every business task that can be applied to a document.
         */
        get: operations["tasks-list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a task
         * @description A task with its fields, in the order in which they are read, your own labels in it, and its rules.
         */
        get: operations["tasks-get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{task_id}/samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a task's samples
         * @description Documents of our own making, to try a task with: give a sample's name to `POST /v1/runs`.
         */
        get: operations["tasks-list-samples"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{task_id}/material": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a task's material
         * @description What the task is read with for you: your lists, playbook, passages and examples, or else its own.
         */
        get: operations["material-get"];
        /**
         * Change a task's material
         * @description Replace the parts that are given. Runs that begin from now on are read with it; what is wrong is said
         *     with the line or the label that it stands in, and then nothing is changed.
         */
        put: operations["material-update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{task_id}/passages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List files of passages
         * @description Your files of passages, by name; the task's own where you have sent none.
         */
        get: operations["material-list-passages"];
        put?: never;
        /**
         * Send files of passages
         * @description Cut files into passages and keep them: all of them, or none where one cannot be used. A file of a name
         *     that is there takes its place.
         */
        post: operations["material-add-passages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{task_id}/passages/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a file of passages
         * @description A file as it was cut: what is searched, shown, and cited.
         */
        get: operations["material-get-passages"];
        put?: never;
        post?: never;
        /**
         * Delete a file of passages
         * @description Forget the file. Runs that were read with it keep the version that they were read with.
         */
        delete: operations["material-delete-passages"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List runs
         * @description The newest first.
         */
        get: operations["runs-list"];
        put?: never;
        /**
         * Begin runs
         * @description Send files and get a run for each; or send a text as JSON, or name a document that was sent before, or
         *     one of our samples.
         *
         *     Answers as soon as everything is safely stored. Follow a run by its events, or read it again.
         */
        post: operations["runs-create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a run
         * @description The run with its document, cells, rules and pages.
         */
        get: operations["runs-get"];
        put?: never;
        post?: never;
        /**
         * Delete a run
         * @description Forget the run and all that was read. A document goes with its last run, its files included.
         */
        delete: operations["runs-delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a run
         * @description Stop a run that waits or is at work. Cancelling it twice is no error.
         */
        post: operations["runs-cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a run again
         * @description Begin a failed or cancelled run anew.
         */
        post: operations["runs-retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a run
         * @description Server-sent events from the run's beginning, or from after `Last-Event-ID`.
         *
         *     `state` (data: `state`) and `progress` (data: `stage`, `done`, `of`) as they happen; the stream closes
         *     after `end`; or after `reconnect` or `problem`, where the server is about to restart or cannot go on: come
         *     back then with the last `id`.
         */
        get: operations["runs-events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/pages/{number}/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See a page
         * @description The image of a page, as WebP. It never changes, and may be kept by the browser for ever.
         */
        get: operations["runs-page-image"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/material": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what a run was read with
         * @description The lists, passages, playbook and examples that counted when the run was read, whole.
         */
        get: operations["runs-material"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/original": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the document back
         * @description The file as it was sent. Always a download: what a customer sent is never shown by a browser here.
         */
        get: operations["runs-original"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{run_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the result as a file
         * @description CSV, safe to open in a spreadsheet; or the JSON of `lemma extract`.
         */
        get: operations["runs-export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * CellView
         * @description One value with its proof. `raw` is the words at the evidence, joined by single spaces.
         */
        CellView: {
            /**
             * Path
             * @example lines[2].amount
             */
            path: string;
            /**
             * Label
             * @example Amount
             */
            label: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "quote" | "amount" | "date" | "number" | "identifier" | "choice" | "flag" | "clause" | "rows" | "text";
            /**
             * Group
             * @description The heading under which a person sees it; empty for none.
             */
            group: string;
            /**
             * Value
             * @description Amounts and numbers as decimal strings, dates as ISO 8601, flags as booleans.
             */
            value: string | boolean | null;
            /** Raw */
            raw: string | null;
            status: components["schemas"]["Status"];
            /** Evidence */
            evidence: components["schemas"]["EvidenceView"][];
            /** Signals */
            signals: {
                [key: string]: unknown;
            };
            /**
             * Reason
             * @description Why it is unreadable, conflicting or derived.
             */
            reason: string | null;
        };
        /**
         * CountsView
         * @description What a run gave, in numbers: `doubtful` values are unreadable or conflicting; `absent` counts the
         *     fields that the document does not hold, not the gaps within rows.
         */
        CountsView: {
            /** Found */
            found: number;
            /** Doubtful */
            doubtful: number;
            /** Absent */
            absent: number;
            /** Rules Failed */
            rules_failed: number;
        };
        /**
         * DocumentView
         * @description A file or a message that was sent. `media_type` is what its content showed, null until then.
         */
        DocumentView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Name
             * @example invoice-4711.pdf
             */
            name: string;
            /**
             * State
             * @enum {string}
             */
            state: "received" | "ready" | "failed";
            /**
             * Media Type
             * @example application/pdf
             */
            media_type: string | null;
            /**
             * Size
             * @description Bytes.
             */
            size: number;
            /** Sha256 */
            sha256: string;
            /** Page Count */
            page_count: number | null;
            error: components["schemas"]["Problem"] | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
        };
        /**
         * EvidenceView
         * @description Where a value stands: characters `start` to `end` of a line, in code points. `boxes` are
         *     `[x0, y0, x1, y1]` as fractions of the upright page, from its top left.
         */
        EvidenceView: {
            /** Page */
            page: number;
            /** Line */
            line: number;
            /** Start */
            start: number;
            /** End */
            end: number;
            /** Boxes */
            boxes: number[][];
        };
        /**
         * FieldView
         * @description One thing that a task asks for. `columns` belong to the kind `rows`, `options` to `choice`.
         */
        FieldView: {
            /**
             * Name
             * @example total
             */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "quote" | "amount" | "date" | "number" | "identifier" | "choice" | "flag" | "clause" | "rows" | "text";
            /**
             * Label
             * @example Total
             */
            label: string;
            /** About */
            about: string;
            /**
             * Group
             * @description The heading under which a person sees it; empty for none.
             */
            group: string;
            /** Required */
            required: boolean;
            /** Options */
            options: components["schemas"]["OptionView"][];
            /** Columns */
            columns: components["schemas"]["FieldView"][];
        };
        /**
         * Health
         * @description A good answer; the other is a problem.
         */
        Health: {
            /**
             * Status
             * @default ok
             */
            status?: string;
        };
        /**
         * LabelIn
         * @description A label that you bring. `label` is made of the name where you leave it out.
         */
        LabelIn: {
            /** Name */
            name: string;
            /**
             * Label
             * @default
             */
            label?: string;
            /**
             * About
             * @default
             */
            about?: string;
            /**
             * Words
             * @default []
             */
            words?: string[];
        };
        /**
         * LabelView
         * @description One label of a list: `name` is the cell's value, `label` is for people, `words` are what documents
         *     print for it, `about` says when it applies.
         */
        LabelView: {
            /**
             * Name
             * @example refund
             */
            name: string;
            /**
             * Label
             * @example Refund
             */
            label: string;
            /** About */
            about: string;
            /** Words */
            words: string[];
        };
        /**
         * LabelledView
         * @description A text with right values: by field, a text, true, false, null, or a list of labels.
         */
        LabelledView: {
            /** Text */
            text: string;
            /**
             * Values
             * @example {
             *       "topics": [
             *         "refund"
             *       ],
             *       "urgency": "low"
             *     }
             */
            values: {
                [key: string]: string | boolean | string[] | null;
            };
        };
        /**
         * LineView
         * @description A line of the source, as the evidence counts its characters.
         */
        LineView: {
            /** Id */
            id: number;
            /** Page */
            page: number;
            /** Text */
            text: string;
        };
        /**
         * ListView
         * @description The labels that count for the fields that name this list.
         */
        ListView: {
            /**
             * Name
             * @example topics
             */
            name: string;
            /**
             * Fields
             * @description The paths of the fields that take a label of it.
             */
            fields: string[];
            /**
             * Own
             * @description False for the task's own labels, which count until you bring yours.
             */
            own: boolean;
            /** Labels */
            labels: components["schemas"]["LabelView"][];
        };
        /**
         * MaterialUpdate
         * @description A part that you leave out stays as it is; one that is null is no longer yours, so that the task's own
         *     counts again. A list that `lists` does not name is not yours.
         */
        MaterialUpdate: {
            /**
             * Lists
             * @example {
             *       "topics": [
             *         "delivery",
             *         {
             *           "name": "refund",
             *           "words": [
             *             "money back"
             *           ]
             *         }
             *       ]
             *     }
             */
            lists?: {
                [key: string]: (string | components["schemas"]["LabelIn"])[];
            } | null;
            /**
             * Playbook
             * @description TOML.
             */
            playbook?: string | null;
            /** Examples */
            examples?: components["schemas"]["LabelledView"][] | null;
        };
        /**
         * MaterialVersionView
         * @description Material as a run was read with it, whole.
         */
        MaterialVersionView: {
            /** Version */
            version: string;
            /** Lists */
            lists: {
                [key: string]: components["schemas"]["LabelView"][];
            };
            /** Playbook */
            playbook: string | null;
            /** Passages */
            passages: components["schemas"]["PassageView"][];
            /** Examples */
            examples: components["schemas"]["LabelledView"][];
        };
        /**
         * MaterialView
         * @description What a task is read with for you. `version` names it; a run says which one it was read with.
         */
        MaterialView: {
            /** Task */
            task: string;
            /** Version */
            version: string;
            uses: components["schemas"]["UsesView"];
            /** Lists */
            lists: components["schemas"]["ListView"][];
            playbook: components["schemas"]["PlaybookView"];
            /**
             * Passages
             * @description How many there are; their files are at `/passages`.
             */
            passages: number;
            /** Own Passages */
            own_passages: boolean;
            /** Examples */
            examples: number;
            /** Own Examples */
            own_examples: boolean;
        };
        /**
         * OptionView
         * @description One label of a closed list: `name` is the cell's value, `label` is for people.
         */
        OptionView: {
            /** Name */
            name: string;
            /** Label */
            label: string;
        };
        /**
         * PageView
         * @description A page. `width` and `height` are in points; `has_image` says whether it can be shown as an image.
         */
        PageView: {
            /** Number */
            number: number;
            /**
             * Kind
             * @enum {string}
             */
            kind: "text" | "ocr" | "plain" | "xml" | "passage";
            /** Name */
            name: string | null;
            /** Width */
            width: number;
            /** Height */
            height: number;
            /** Has Image */
            has_image: boolean;
        };
        /**
         * PassageFileDetail
         * @description A file with its passages.
         */
        PassageFileDetail: {
            /** Id */
            id: string | null;
            /**
             * Name
             * @example returns.md
             */
            name: string;
            /**
             * Size
             * @description Bytes of the file.
             */
            size: number;
            /** Passages */
            passages: number;
            /** Created At */
            created_at: string | null;
            /** Items */
            items: components["schemas"]["PassageView"][];
        };
        /**
         * PassageFileList
         * @description Files of passages, by name. `own` is false for the task's own, which count until you send yours.
         */
        PassageFileList: {
            /** Own */
            own: boolean;
            /** Items */
            items: components["schemas"]["PassageFileView"][];
        };
        /**
         * PassageFileView
         * @description A file that was cut into passages. `id` is null for those of the task's own material.
         */
        PassageFileView: {
            /** Id */
            id: string | null;
            /**
             * Name
             * @example returns.md
             */
            name: string;
            /**
             * Size
             * @description Bytes of the file.
             */
            size: number;
            /** Passages */
            passages: number;
            /** Created At */
            created_at: string | null;
        };
        /**
         * PassageView
         * @description A part of a file, as it is searched and shown: its title, and its lines, which answers cite.
         */
        PassageView: {
            /**
             * Id
             * @example returns.md#3
             */
            id: string;
            /** Title */
            title: string;
            /** Lines */
            lines: string[];
        };
        /**
         * PlaybookView
         * @description Positions, as TOML.
         */
        PlaybookView: {
            /** Own */
            own: boolean;
            /** Text */
            text: string | null;
        };
        /**
         * Problem
         * @description What every error answers with. `code` is stable; `detail` says what to do.
         */
        Problem: {
            /**
             * Type
             * @example urn:lemma:error:run_not_found
             */
            type: string;
            /**
             * Title
             * @example There is no such run
             */
            title: string;
            /**
             * Status
             * @example 404
             */
            status: number;
            /**
             * Code
             * @example run_not_found
             */
            code: string;
            /**
             * Detail
             * @example There is no run with this id. List the runs to find it.
             */
            detail: string;
            /**
             * Request Id
             * @example 019ab2c5b1e57c3e9a6d0f6c1d2e3f4a
             */
            request_id?: string | null;
            /**
             * Errors
             * @description For invalid_input: each `field` that cannot be used and its `message`.
             */
            errors?: {
                [key: string]: string;
            }[] | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * ProgressView
         * @description How far a run is: at `stage`, `done` of `of` steps; all null before it began.
         */
        ProgressView: {
            /**
             * Stage
             * @example reading
             */
            stage?: string | null;
            /** Done */
            done?: number | null;
            /** Of */
            of?: number | null;
        };
        /**
         * RuleView
         * @description What a check said. `passed` is null where a value that it needs is missing.
         */
        RuleView: {
            /**
             * Code
             * @example lines_add_up_to_net
             */
            code: string;
            /** Label */
            label: string;
            /** Passed */
            passed: boolean | null;
            /** Detail */
            detail: string;
            /** Paths */
            paths: string[];
            /**
             * Run Id
             * @description Another run that the check speaks of: the first one of a duplicate.
             */
            run_id?: string | null;
            /**
             * Severity
             * @description How much a departure from the customer's playbook matters.
             */
            severity?: ("high" | "medium" | "low") | null;
            /**
             * Advice
             * @description What the playbook says to whoever looks at it.
             */
            advice?: string | null;
        };
        /**
         * RunList
         * @description The runs that were made, in the order of the documents.
         */
        RunList: {
            /** Items */
            items: components["schemas"]["RunSummary"][];
        };
        /**
         * RunPage
         * @description Runs, the newest first.
         */
        RunPage: {
            /** Items */
            items: components["schemas"]["RunSummary"][];
            /**
             * Next Cursor
             * @description Give it as `cursor` to get the next page; null on the last.
             */
            next_cursor: string | null;
        };
        /**
         * RunSummary
         * @description A run in a list: one task applied to one document.
         */
        RunSummary: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Task
             * @example invoices
             */
            task: string;
            /** Task Version */
            task_version: string;
            /**
             * State
             * @enum {string}
             */
            state: "waiting" | "running" | "done" | "failed" | "cancelled";
            /**
             * Attempt
             * @description How often it was begun.
             */
            attempt: number;
            document: components["schemas"]["DocumentView"];
            progress: components["schemas"]["ProgressView"];
            /** @description Null until the run is done. */
            counts: components["schemas"]["CountsView"] | null;
            /** @description Why it failed. */
            error: components["schemas"]["Problem"] | null;
            /**
             * Model
             * @description The model that read, null until then.
             */
            model: string | null;
            /**
             * Material
             * @description The version of the material that it was read with.
             */
            material: string | null;
            /** Prompt Tokens */
            prompt_tokens: number;
            /** Completion Tokens */
            completion_tokens: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Started At */
            started_at: string | null;
            /** Finished At */
            finished_at: string | null;
        };
        /**
         * RunView
         * @description A run with all that it gave. `cells`, `rules` and `notes` are empty until it is done.
         */
        RunView: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Task
             * @example invoices
             */
            task: string;
            /** Task Version */
            task_version: string;
            /**
             * State
             * @enum {string}
             */
            state: "waiting" | "running" | "done" | "failed" | "cancelled";
            /**
             * Attempt
             * @description How often it was begun.
             */
            attempt: number;
            document: components["schemas"]["DocumentView"];
            progress: components["schemas"]["ProgressView"];
            /** @description Null until the run is done. */
            counts: components["schemas"]["CountsView"] | null;
            /** @description Why it failed. */
            error: components["schemas"]["Problem"] | null;
            /**
             * Model
             * @description The model that read, null until then.
             */
            model: string | null;
            /**
             * Material
             * @description The version of the material that it was read with.
             */
            material: string | null;
            /** Prompt Tokens */
            prompt_tokens: number;
            /** Completion Tokens */
            completion_tokens: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Started At */
            started_at: string | null;
            /** Finished At */
            finished_at: string | null;
            /** Cells */
            cells: components["schemas"]["CellView"][];
            /** Rules */
            rules: components["schemas"]["RuleView"][];
            /**
             * Notes
             * @description Sentences about the document that a reader should know.
             */
            notes: string[];
            /** Pages */
            pages: components["schemas"]["PageView"][];
            /** @description Only with `include=source`. */
            source: components["schemas"]["SourceView"] | null;
        };
        /**
         * SampleList
         * @description The sample documents of a task.
         */
        SampleList: {
            /** Items */
            items: components["schemas"]["SampleView"][];
        };
        /**
         * SampleView
         * @description A sample document of a task.
         */
        SampleView: {
            /**
             * Name
             * @example invoice-german.pdf
             */
            name: string;
            /**
             * Media Type
             * @example application/pdf
             */
            media_type: string | null;
        };
        /**
         * SourceView
         * @description The document's text in reading order.
         */
        SourceView: {
            /** Media Type */
            media_type: string;
            /** Lines */
            lines: components["schemas"]["LineView"][];
        };
        /**
         * Status
         * @description How a cell came by its value.
         *
         *     FOUND: the words stand at its evidence. DERIVED: computed by code, or a label of a closed list that
         *     rests on no particular words. ABSENT: the document does not hold it. UNREADABLE: it is there, and
         *     cannot be read as a value of its kind. CONFLICTING: the document gives more than one reading.
         * @enum {string}
         */
        Status: "found" | "derived" | "absent" | "unreadable" | "conflicting";
        /**
         * TaskList
         * @description Every task that is offered.
         */
        TaskList: {
            /** Items */
            items: components["schemas"]["TaskSummary"][];
        };
        /**
         * TaskRuleView
         * @description A check that is made on the cells of every run.
         */
        TaskRuleView: {
            /**
             * Code
             * @example lines_add_up_to_net
             */
            code: string;
            /** Label */
            label: string;
        };
        /**
         * TaskSummary
         * @description A task in a list.
         */
        TaskSummary: {
            /**
             * Id
             * @example invoices
             */
            id: string;
            /** Version */
            version: number;
            /** Title */
            title: string;
            /** About */
            about: string;
        };
        /**
         * TaskView
         * @description A task with what it asks for and what it checks.
         */
        TaskView: {
            /**
             * Id
             * @example invoices
             */
            id: string;
            /** Version */
            version: number;
            /** Title */
            title: string;
            /** About */
            about: string;
            /** Fields */
            fields: components["schemas"]["FieldView"][];
            /** Rules */
            rules: components["schemas"]["TaskRuleView"][];
        };
        /**
         * UsesView
         * @description What of material this task has a use for.
         */
        UsesView: {
            /** Lists */
            lists: string[];
            /** Passages */
            passages: boolean;
            /** Playbook */
            playbook: boolean;
            /** Examples */
            examples: boolean;
        };
        /**
         * RunRequest
         * @description A run of a text, or of something that is here already: a document that was sent before, or one of our
         *     samples.
         */
        RunRequest: {
            /**
             * Task
             * @example invoices
             */
            task: string;
            /**
             * Document Id
             * Format: uuid
             */
            document_id?: string;
            /**
             * Sample
             * @example nordlicht-rechnung.pdf
             */
            sample?: string;
            /**
             * Text
             * @description A message, a transcript, a statement: read as a text file would be.
             * @example My order 4711 has not come. Where is it?
             */
            text?: string;
            /**
             * Name
             * @description What to call the text; else its first words.
             * @example ticket-4711.txt
             */
            name?: string;
        } & (unknown | unknown | unknown);
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "health-live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    "health-ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_ready`: Not ready for requests. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "tasks-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskList"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "tasks-get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            /** @description `task_not_found`: There is no such task. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "tasks-list-samples": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SampleList"];
                };
            };
            /** @description `task_not_found`: There is no such task. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "material-get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaterialView"];
                };
            };
            /** @description `task_not_found`: There is no such task. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "material-update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MaterialUpdate"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaterialView"];
                };
            };
            /** @description `task_not_found`: There is no such task. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_too_large`: The request is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `material_invalid`: The material is not valid.
             *
             *     `too_much_material`: That is more material than a task keeps.
             *
             *     `invalid_input`: The input cannot be used.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "material-list-passages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PassageFileList"];
                };
            };
            /** @description `task_not_found`: There is no such task. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "material-add-passages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description Help pages, policies, manuals: Markdown, text, HTML, PDF, Word. */
                    files: string[];
                };
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PassageFileList"];
                };
            };
            /** @description `bad_request`: The request cannot be understood. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `task_not_found`: There is no such task. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `file_too_large`: The file is too large.
             *
             *     `request_too_large`: The request is too large.
             */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This kind of body is not taken here. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `too_many_files`: Too many files at once.
             *
             *     `file_unusable`: The file cannot be used.
             *
             *     `too_much_material`: That is more material than a task keeps.
             *
             *     `invalid_input`: The input cannot be used.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "material-get-passages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The file's id. */
                file_id: string;
                /** @description The task's id. */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PassageFileDetail"];
                };
            };
            /**
             * @description `task_not_found`: There is no such task.
             *
             *     `passages_not_found`: There is no such file of passages.
             */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "material-delete-passages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The file's id. */
                file_id: string;
                /** @description The task's id. */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `task_not_found`: There is no such task.
             *
             *     `passages_not_found`: There is no such file of passages.
             */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-list": {
        parameters: {
            query?: {
                /** @description Only runs in this state. */
                state?: ("waiting" | "running" | "done" | "failed" | "cancelled") | null;
                /** @description Only runs of this task. */
                task?: string | null;
                /** @description The most items of a page. */
                limit?: number;
                /** @description `next_cursor` of a page. */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPage"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-create": {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own name for this request. Sent again with the same body, it has no further effect and gets the first answer; with another body it is refused. Kept for 30 days. */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @example invoices */
                    task: string;
                    /** @description One run is made for each file. */
                    files: string[];
                };
                "application/json": components["schemas"]["RunRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunList"];
                };
            };
            /** @description `bad_request`: The request cannot be understood. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `task_not_found`: There is no such task.
             *
             *     `document_not_found`: There is no such document.
             *
             *     `sample_not_found`: There is no such sample.
             */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `file_too_large`: The file is too large.
             *
             *     `request_too_large`: The request is too large.
             */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This kind of body is not taken here. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `nothing_to_run`: A document and a task are needed.
             *
             *     `too_many_files`: Too many files at once.
             *
             *     `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `invalid_input`: The input cannot be used.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage_full`: The storage is full. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-get": {
        parameters: {
            query?: {
                /** @description `source`: the document's lines as well. */
                include?: "source"[];
            };
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunView"];
                };
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunSummary"];
                };
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `run_not_cancellable`: The run cannot be cancelled any more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunSummary"];
                };
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `run_not_retryable`: The run cannot be tried again. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-events": {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last event that was seen. */
                "Last-Event-ID"?: number;
            };
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_streams`: Too many event streams are open. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-page-image": {
        parameters: {
            query?: {
                size?: "large" | "small";
            };
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
                /** @description Counts from 1. */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page, upright. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/webp": unknown;
                };
            };
            /**
             * @description `run_not_found`: There is no such run.
             *
             *     `page_not_found`: There is no such page to show.
             */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `document_not_read`: The document has not been read yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `stored_file_missing`: The file is no longer stored. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-material": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MaterialVersionView"];
                };
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `run_not_done`: The run has no result. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-original": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, byte for byte. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `stored_file_missing`: The file is no longer stored. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "runs-export": {
        parameters: {
            query?: {
                format?: "csv" | "json";
                /** @description CSV: a line for each cell, or for each row of the tables. Else as the task reads. */
                layout?: ("cells" | "rows") | null;
                /** @description `source`: the document's lines as well. */
                include?: "source"[];
            };
            header?: never;
            path: {
                /** @description The run's id. */
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cells of the run. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                    "application/json": unknown;
                };
            };
            /** @description `run_not_found`: There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `run_not_done`: The run has no result. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_input`: The input cannot be used. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
