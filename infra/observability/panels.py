"""What the dashboards show: `make_dashboards.py` writes them for Grafana from these lists."""

from typing import NamedTuple

# What the choices at the top of a board select.
WHO = 'tenant=~"$tenant", class=~"$class", model=~"$model"'
GEN_AI = 'lemma_tenant=~"$tenant", lemma_class=~"$class", gen_ai_request_model=~"$model"'
RATE = "$__rate_interval"


class Panel(NamedTuple):
    """A diagram: a title, a unit of Grafana's, and queries with what a line is called. `text` says how to
    read it, `kind` is Grafana's, and `bound` is where a value becomes bad."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    text: str = ""
    width: int = 12
    kind: str = "timeseries"
    bound: float | None = None


class Choice(NamedTuple):
    """Something to choose at the top of a board, and where its values come from."""

    name: str
    label: str
    metric: str


def quantile(share: float, name: str, by: str, where: str = WHO) -> str:
    """A quantile of a histogram, for each value of these labels."""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({name}_bucket{{{where}}}[{RATE}])))"


def per_second(name: str, by: str, where: str = WHO) -> str:
    return f"sum by ({by}) (rate({name}{{{where}}}[{RATE}]))"


OWN = "lemma_inference_"
TENANT = Choice("tenant", "Tenant", f"{OWN}requests_total")
CLASS = Choice("class", "Class", f"{OWN}requests_total")
MODEL = Choice("model", "Model", f"{OWN}replica_ready")
REPLICA = Choice("replica", "Replica", f"{OWN}replica_ready")
PLACE = 'model=~"$model", replica=~"$replica"'
RESEARCH = 'class="research", model=~"$model"'

GATEWAY = (
    Panel(
        "Late first tokens of research",
        "percentunit",
        (
            (
                f"sum by (model) (rate({OWN}research_slo_breaches_total{{{RESEARCH}}}[{RATE}])) / "
                f"sum by (model) (rate({OWN}first_token_seconds_count{{{RESEARCH}}}[{RATE}]))",
                "{{model}}",
            ),
        ),
        "Beyond the time that research was promised. At 1 % the p99 is over it.",
        8,
        bound=0.01,
    ),
    Panel(
        "Research in line, p99",
        "s",
        ((quantile(0.99, f"{OWN}queue_wait_seconds", "model", RESEARCH), "{{model}}"),),
        "The target is 5 ms.",
        8,
        bound=0.005,
    ),
    Panel(
        "Ready replicas",
        "short",
        ((f'sum by (model) ({OWN}replica_ready{{model=~"$model"}})', "{{model}}"),),
        width=8,
        kind="stat",
    ),
    Panel(
        "Time to first token",
        "s",
        (
            (quantile(0.5, f"{OWN}first_token_seconds", "class"), "{{class}} p50"),
            (quantile(0.99, f"{OWN}first_token_seconds", "class"), "{{class}} p99"),
        ),
    ),
    Panel(
        "Time in line",
        "s",
        (
            (quantile(0.5, f"{OWN}queue_wait_seconds", "class"), "{{class}} p50"),
            (quantile(0.99, f"{OWN}queue_wait_seconds", "class"), "{{class}} p99"),
        ),
    ),
    Panel(
        "Time between parts of an answer, p99",
        "s",
        ((quantile(0.99, f"{OWN}token_gap_seconds", "class"), "{{class}}"),),
    ),
    Panel(
        "Time to the end, p99",
        "s",
        ((quantile(0.99, f"{OWN}request_seconds", "class"), "{{class}}"),),
    ),
    Panel(
        "Requests by how they ended",
        "reqps",
        ((per_second(f"{OWN}requests_total", "class, outcome"), "{{class}} {{outcome}}"),),
    ),
    Panel(
        "Refused",
        "reqps",
        ((per_second(f"{OWN}rejections_total", "class, reason"), "{{class}} {{reason}}"),),
    ),
    Panel(
        "Tokens",
        "short",
        ((per_second(f"{OWN}tokens_total", "class, kind"), "{{class}} {{kind}}"),),
        "A second. `input` is what was read, `cached` what the engine had already.",
    ),
    Panel(
        "In line and under way",
        "short",
        (
            (f'sum by (class) ({OWN}waiting{{class=~"$class", model=~"$model"}})', "{{class}} in line"),
            (f"sum by (class) ({OWN}in_flight{{{WHO}}})", "{{class}} under way"),
        ),
    ),
    Panel(
        "Taken back for research",
        "short",
        (
            (per_second(f"{OWN}yanks_total", "class"), "{{class}} requests a second"),
            (per_second(f"{OWN}reread_prompt_tokens_total", "class"), "{{class}} tokens read again"),
            (per_second(f"{OWN}wasted_prompt_tokens_total", "class"), "{{class}} prompts thrown away"),
        ),
        "Read again: what the cache had not kept. More than a tenth of the product's input is too much.",
    ),
    Panel(
        "Responses by status",
        "reqps",
        ((f"sum by (status) (rate({OWN}http_responses_total[{RATE}]))", "{{status}}"),),
    ),
)
TENANTS = (
    Panel(
        "Tokens by tenant",
        "short",
        ((per_second(f"{OWN}tokens_total", "tenant"), "{{tenant}}"),),
        "A second.",
    ),
    Panel(
        "Requests by tenant",
        "reqps",
        ((per_second(f"{OWN}requests_total", "tenant"), "{{tenant}}"),),
    ),
    Panel(
        "Open requests by tenant",
        "short",
        (
            (f"sum by (tenant) ({OWN}open_requests{{{WHO}}})", "{{tenant}} in line or under way"),
            (f"sum by (tenant) ({OWN}in_flight{{{WHO}}})", "{{tenant}} under way"),
        ),
    ),
    Panel(
        "Prompts being read, by tenant",
        "short",
        ((f"sum by (tenant) ({OWN}prefill_tokens{{{WHO}}})", "{{tenant}}"),),
        "Tokens. This is what an arriving research request can meet.",
    ),
    Panel(
        "Budgets, how full",
        "percentunit",
        ((f"({OWN}budget_used + {OWN}budget_reserved) / {OWN}budget_most", "{{subject}} {{limit}}"),),
        "Used in the present window, with what requests under way may still use.",
        bound=1.0,
    ),
    Panel(
        "Refused by tenant",
        "reqps",
        ((per_second(f"{OWN}rejections_total", "tenant, reason"), "{{tenant}} {{reason}}"),),
    ),
    Panel(
        "Time to first token by tenant, p99",
        "s",
        (
            (
                quantile(0.99, "gen_ai_server_time_to_first_token_seconds", "lemma_tenant", GEN_AI),
                "{{lemma_tenant}}",
            ),
        ),
    ),
    Panel(
        "Time for each token by tenant, p50",
        "s",
        (
            (
                quantile(0.5, "gen_ai_server_time_per_output_token_seconds", "lemma_tenant", GEN_AI),
                "{{lemma_tenant}}",
            ),
        ),
    ),
    Panel(
        "Time to the end by tenant, p99",
        "s",
        (
            (
                quantile(0.99, "gen_ai_server_request_duration_seconds", "lemma_tenant", GEN_AI),
                "{{lemma_tenant}}",
            ),
        ),
    ),
    Panel(
        "Tokens of a request, p95",
        "short",
        (
            (
                quantile(0.95, "gen_ai_client_token_usage", "lemma_class, gen_ai_token_type", GEN_AI),
                "{{lemma_class}} {{gen_ai_token_type}}",
            ),
        ),
    ),
)
REPLICAS = (
    Panel("Ready", "bool_yes_no", ((f"{OWN}replica_ready{{{PLACE}}}", "{{model}} {{replica}}"),), width=8),
    Panel(
        "Breaker",
        "short",
        ((f"{OWN}replica_breaker{{{PLACE}}}", "{{model}} {{replica}}"),),
        "0 closed, 1 trying, 2 open.",
        8,
    ),
    Panel(
        "Silent for",
        "s",
        ((f"{OWN}replica_silent_seconds{{{PLACE}}}", "{{model}} {{replica}}"),),
        "Since it last began an answer. Much means broken only while it has requests.",
        8,
    ),
    Panel("Requests under way", "short", ((f"{OWN}replica_in_flight{{{PLACE}}}", "{{model}} {{replica}}"),)),
    Panel(
        "Product prompts being read",
        "short",
        ((f"{OWN}replica_product_prefill_tokens{{{PLACE}}}", "{{model}} {{replica}}"),),
        "Tokens.",
    ),
    Panel(
        "Cache set aside",
        "short",
        ((f"{OWN}replica_kv_reserved_tokens{{{PLACE}}}", "{{model}} {{replica}}"),),
        "Tokens that requests under way may come to hold.",
    ),
    Panel(
        "Starts and fail-overs",
        "short",
        (
            (
                f"sum by (model, replica) (rate({OWN}failovers_total{{{PLACE}}}[{RATE}]))",
                "{{replica}} lost a request",
            ),
            (f"changes({OWN}replica_restarts{{{PLACE}}}[1h])", "{{replica}} starts in an hour"),
        ),
    ),
    Panel(
        "Tokens that it worked on",
        "short",
        (
            (
                f"sum by (replica, kind) (rate({OWN}replica_tokens_total{{{PLACE}}}[{RATE}]))",
                "{{replica}} {{kind}}",
            ),
        ),
        "A second, thrown-away attempts included.",
    ),
    Panel(
        "vLLM: running and waiting",
        "short",
        (
            ("sum by (instance) (vllm:num_requests_running)", "{{instance}} running"),
            ("sum by (instance) (vllm:num_requests_waiting)", "{{instance}} waiting"),
        ),
        "The gateway keeps the engines' own line empty; if it is not, its ceilings are too high.",
    ),
    Panel(
        "vLLM: cache in use",
        "percentunit",
        (("max by (instance) (vllm:kv_cache_usage_perc)", "{{instance}}"),),
    ),
    Panel(
        "Journal: records, and those not on disk yet",
        "short",
        (
            (f"rate({OWN}journal_records_total[{RATE}])", "records a second"),
            (f"{OWN}journal_unsynced", "not on disk"),
            (f"{OWN}journal_full", "refusing"),
        ),
    ),
    Panel("Journal: last sync", "s", ((f"{OWN}journal_sync_seconds", "{{instance}}"),)),
    Panel(
        "Tokens that only one side counted",
        "percentunit",
        ((f"{OWN}reconcile_drift_ratio{{{PLACE}}}", "{{model}} {{replica}}"),),
        bound=0.005,
    ),
    Panel(
        "Memory and processor of the gateway",
        "bytes",
        (('process_resident_memory_bytes{job="lemma-inference"}', "{{instance}} memory"),),
        "The target is 150 MB, and flat.",
        bound=150e6,
    ),
)
BOARDS = {
    "gateway": ("Inference: research and product", (TENANT, CLASS, MODEL), GATEWAY),
    "tenants": ("Inference: tenants and budgets", (TENANT, CLASS, MODEL), TENANTS),
    "replicas": ("Inference: replicas, journal, process", (MODEL, REPLICA), REPLICAS),
}
