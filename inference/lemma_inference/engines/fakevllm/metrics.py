"""The metrics page, with vLLM's names."""

from bisect import bisect_left
from itertools import accumulate

from lemma_inference.engines.fakevllm.scheduler import BLOCK_TOKENS, Scheduler

SECONDS = (
    0.001,
    0.005,
    0.01,
    0.02,
    0.04,
    0.06,
    0.08,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
    20.0,
    40.0,
    80.0,
)


class Histogram:
    """Seconds by size."""

    def __init__(self) -> None:
        self._counts = [0] * (len(SECONDS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(SECONDS, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str, labels: str) -> list[str]:
        bounds = [*(f"{bound}" for bound in SECONDS), "+Inf"]
        totals = list(accumulate(self._counts))
        return [
            *(
                f'{name}_bucket{{{labels},le="{bound}"}} {total}'
                for bound, total in zip(bounds, totals, strict=True)
            ),
            f"{name}_count{{{labels}}} {totals[-1]}",
            f"{name}_sum{{{labels}}} {self._sum}",
        ]


class Metrics:
    """What the scheduler counts, and how long requests took."""

    def __init__(self, scheduler: Scheduler, model: str) -> None:
        self._scheduler = scheduler
        escaped = model.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        self._labels = f'engine="0",model_name="{escaped}"'
        self.refused = 0
        self.first_token = Histogram()
        self.whole = Histogram()
        self.queued = Histogram()

    def page(self) -> str:
        """In Prometheus' text format."""
        scheduler, counts, labels = self._scheduler, self._scheduler.counts, self._labels
        lines = []
        for name, kind, value in [
            ("vllm:num_requests_running", "gauge", len(scheduler.running)),
            ("vllm:num_requests_waiting", "gauge", scheduler.waiting),
            ("vllm:kv_cache_usage_perc", "gauge", scheduler.pool.usage),
            ("vllm:num_preemptions_total", "counter", counts.preemptions),
            ("vllm:prompt_tokens_total", "counter", counts.prompt_tokens),
            ("vllm:prompt_tokens_cached_total", "counter", counts.cached_tokens),
            ("vllm:generation_tokens_total", "counter", counts.generation_tokens),
            ("vllm:prefix_cache_queries_total", "counter", counts.looked_up),
            ("vllm:prefix_cache_hits_total", "counter", counts.found),
        ]:
            lines += [f"# TYPE {name} {kind}", f"{name}{{{labels}}} {value}"]
        memory = f'block_size="{BLOCK_TOKENS}",num_gpu_blocks="{scheduler.pool.count}"'
        lines += [
            "# TYPE vllm:cache_config_info gauge",
            f"vllm:cache_config_info{{{labels},{memory}}} 1.0",
            "# TYPE vllm:request_success_total counter",
        ]
        for finish, count in counts.finished.items():
            lines.append(f'vllm:request_success_total{{{labels},finished_reason="{finish}"}} {count}')
        lines.append("# TYPE vllm:admission_rejections_total counter")
        lines.append(
            f'vllm:admission_rejections_total{{{labels},reason="max_num_queued_reqs"}} {self.refused}'
        )
        for name, histogram in [
            ("vllm:time_to_first_token_seconds", self.first_token),
            ("vllm:e2e_request_latency_seconds", self.whole),
            ("vllm:request_queue_time_seconds", self.queued),
        ]:
            lines += [f"# TYPE {name} histogram", *histogram.lines(name, labels)]
        return "\n".join(lines) + "\n"
