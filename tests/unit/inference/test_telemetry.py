"""What Prometheus reads: each event counted once under the right names, whoever the tenants are."""

import asyncio
import time
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from lemma_inference.callers import Caller
from lemma_inference.classes import RequestClass
from lemma_inference.engines.protocol import Usage
from lemma_inference.telemetry import Telemetry, metrics, tracing
from lemma_inference.telemetry.series import Counter, Histogram, View
from lemma_inference.telemetry.tracing import Trace, Untraced

# Nothing waits for so long; a machine that is busy with other tests may be slow.
PATIENCE = 60.0


def caller(tenant: str = "shop", request_class: RequestClass = "interactive") -> Caller:
    return Caller(tenant, f"{tenant}-key", request_class)


def samples(telemetry: Telemetry) -> dict[str, float]:
    """By name and labels, as Prometheus' own parser reads them."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(telemetry.text().decode()):
        for sample in family.samples:
            key = sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items()))
            assert key not in found, f"{key} stands there twice"
            found[key] = sample.value
    return found


WHO = "class=interactive model=m tenant=shop"


def test_the_life_of_a_request_is_counted() -> None:
    telemetry, shop = Telemetry(), caller()
    telemetry.queued(shop, "m", "r1")
    assert samples(telemetry)[f"lemma_inference_open_requests {WHO}"] == 1
    telemetry.dispatched(shop, "m", 0.02, "gpu0")
    telemetry.first_token(shop, "m", 0.12)
    telemetry.token_gap(shop, "m", 0.03)
    telemetry.token_gap(shop, "m", 0.04)
    telemetry.finished(shop, "m", "stop", 1.5, Usage(100, 40, 3))
    found = samples(telemetry)
    timed = "class=interactive {} operation=chat tenant=shop"
    assert found["lemma_inference_requests_total class=interactive model=m outcome=stop tenant=shop"] == 1
    for kind, count in {"input": 60, "cached": 40, "output": 3}.items():
        assert (
            found[f"lemma_inference_tokens_total class=interactive kind={kind} model=m tenant=shop"] == count
        )
    plain = timed.format("model=m")
    assert found[f"lemma_inference_queue_wait_seconds_sum {plain}"] == 0.02
    assert found[f"lemma_inference_first_token_seconds_count {plain}"] == 1
    assert found[f"lemma_inference_first_token_seconds_bucket {timed.format('le=0.1 model=m')}"] == 0
    assert found[f"lemma_inference_first_token_seconds_bucket {timed.format('le=0.15 model=m')}"] == 1
    assert found[f"lemma_inference_token_gap_seconds_count {plain}"] == 2
    assert found[f"lemma_inference_request_seconds_sum {plain}"] == 1.5
    assert found[f"lemma_inference_open_requests {WHO}"] == 0


def test_the_conventions_stand_beside_our_names() -> None:
    telemetry = Telemetry()
    telemetry.first_token(caller(), "m", 0.05)
    telemetry.finished(caller(), "m", "engine_lost", 1.5, Usage(100, 40, 3))
    found = samples(telemetry)
    who = (
        "gen_ai_operation_name=chat gen_ai_provider_name=lemma gen_ai_request_model=m{} "
        "lemma_class=interactive lemma_tenant=shop"
    )
    assert found["gen_ai_server_time_to_first_token_seconds_count " + who.format("")] == 1
    failed = "gen_ai_server_request_duration_seconds_count error_type=engine_lost " + who.format("")
    assert found[failed] == 1
    used = "gen_ai_client_token_usage_sum " + who.format(" gen_ai_token_type={}")
    assert found[used.format("input")] == 100
    assert found[used.format("output")] == 3


def test_the_bounds_are_those_of_the_conventions() -> None:
    """semantic-conventions-genai, docs/gen-ai/gen-ai-metrics.md."""
    telemetry = Telemetry()
    with tracing.following(Trace("chat", Untraced())):
        telemetry.first_token(caller(), "m", 0.05)
        telemetry.finished(caller(), "m", "stop", 1.5, Usage(100, 40, 3))
    bounds: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(telemetry.text().decode()):
        for sample in family.samples:
            told = sample.name.startswith("gen_ai") and sample.labels.get("gen_ai_token_type") != "output"
            if told and sample.labels.get("le", "+Inf") != "+Inf":
                bounds.setdefault(family.name, []).append(float(sample.labels["le"]))
    seconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]
    each = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5]
    whole = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
    assert bounds == {
        "gen_ai_server_time_to_first_token_seconds": seconds,
        "gen_ai_server_request_duration_seconds": whole,
        "gen_ai_server_time_per_output_token_seconds": each,
        "gen_ai_client_token_usage": [4**n for n in range(14)],
    }


def test_the_time_for_each_token_is_that_after_the_first() -> None:
    telemetry = Telemetry()
    with tracing.following(Trace("chat", Untraced())):
        telemetry.first_token(caller(), "m", 0.5)
        telemetry.finished(caller(), "m", "stop", 2.5, Usage(10, 0, 5))
    found = samples(telemetry)
    [total] = [v for k, v in found.items() if k.startswith("gen_ai_server_time_per_output_token_seconds_sum")]
    assert total == 0.5


def test_only_late_research_is_a_breach() -> None:
    telemetry = Telemetry(research_slo_seconds=0.2)
    for request_class in ("research", "interactive"):
        telemetry.first_token(caller("lab", request_class), "m", 0.3)
        telemetry.first_token(caller("lab", request_class), "m", 0.1)
    breaches = {k: v for k, v in samples(telemetry).items() if "slo_breaches" in k}
    assert breaches == {"lemma_inference_research_slo_breaches_total class=research model=m tenant=lab": 1}


def test_what_a_yank_cost_is_what_the_cache_had_not() -> None:
    telemetry = Telemetry()
    with tracing.following(Trace("chat", Untraced())):
        telemetry.yanked(caller(), "m", 30)
        telemetry.finished(caller(), "m", "stop", 1.0, Usage(100, 90, 5))
    with tracing.following(Trace("chat", Untraced())):
        telemetry.finished(caller(), "m", "stop", 1.0, Usage(100, 0, 5))
    found = samples(telemetry)
    assert found[f"lemma_inference_yanks_total {WHO}"] == 1
    assert found[f"lemma_inference_wasted_prompt_tokens_total {WHO}"] == 30
    assert found[f"lemma_inference_reread_prompt_tokens_total {WHO}"] == 10


def test_refusals_failovers_responses_and_drift_are_counted() -> None:
    telemetry = Telemetry()
    telemetry.rejected(caller(), "m", "over_budget")
    telemetry.failed_over("m", "gpu1")
    telemetry.answered("/v1/models", 200)
    telemetry.answered("/v1/models/secret-model", 404)
    telemetry.reconciled("m", "gpu1", 0.002)
    found = samples(telemetry)
    assert (
        found["lemma_inference_rejections_total class=interactive model=m reason=over_budget tenant=shop"]
        == 1
    )
    assert found["lemma_inference_failovers_total model=m replica=gpu1"] == 1
    assert found["lemma_inference_http_responses_total path=/v1/models status=200"] == 1
    assert found["lemma_inference_http_responses_total path=other status=404"] == 1
    assert found["lemma_inference_reconcile_drift_ratio model=m replica=gpu1"] == 0.002


def test_tenants_are_bounded() -> None:
    telemetry = Telemetry()
    for number in range(metrics.MOST_TENANTS + 50):
        telemetry.finished(caller(f"t{number}"), "m", "stop", 1.0, Usage(1, 0, 1))
    telemetry.finished(caller("t0"), "m", "stop", 1.0, Usage(1, 0, 1))
    ended = {k: v for k, v in samples(telemetry).items() if k.startswith("lemma_inference_requests_total")}
    assert len(ended) == metrics.MOST_TENANTS + 1
    assert sum(ended.values()) == metrics.MOST_TENANTS + 51
    assert ended["lemma_inference_requests_total class=interactive model=m outcome=stop tenant=other"] == 50
    assert ended["lemma_inference_requests_total class=interactive model=m outcome=stop tenant=t0"] == 2


def test_switched_off_it_forgets() -> None:
    telemetry = Telemetry.off()
    shop = caller()
    telemetry.queued(shop, "m")
    telemetry.dispatched(shop, "m", 0.1)
    telemetry.first_token(shop, "m", 0.1)
    telemetry.token_gap(shop, "m", 0.1)
    telemetry.yanked(shop, "m", 1)
    telemetry.failed_over("m", "a")
    telemetry.rejected(shop, "m", "busy")
    telemetry.finished(shop, "m", "stop", 1.0, Usage(1, 0, 1))
    telemetry.answered("/health", 200)
    telemetry.reconciled("m", "a", 0.5)
    assert not [name for name in samples(telemetry) if not name.startswith("process_")]
    assert telemetry.traceparent() is None


def test_the_process_is_told_of() -> None:
    assert samples(Telemetry())["process_resident_memory_bytes"] > 1e6


async def test_a_scrape_lets_others_in() -> None:
    telemetry = Telemetry()
    for number in range(metrics.MOST_TENANTS):
        telemetry.finished(caller(f"t{number}"), "m", "stop", 1.0, Usage(1, 0, 1))
    turns = 0

    async def beat() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(beat())
    async with asyncio.timeout(PATIENCE):
        slices = [one async for one in telemetry.slices()]
    task.cancel()
    assert len(slices) > 3
    assert turns >= len(slices) - 1
    page = b"".join(slices).decode()
    ended = [f for f in text_string_to_metric_families(page) if f.name == "lemma_inference_requests"]
    assert len(ended[0].samples) == metrics.MOST_TENANTS


def test_a_scrape_takes_new_series_in_its_stride() -> None:
    telemetry = Telemetry()
    for number in range(20):
        telemetry.token_gap(caller(f"t{number}"), "m", 0.1)
    for number, _ in enumerate(telemetry._blocks()):
        telemetry.token_gap(caller(f"new{number % 40}"), "m", 0.1)


def test_events_cost_microseconds() -> None:
    """By the clock of this thread's own work, so that a busy machine does not count."""
    telemetry, shop = Telemetry(), caller()
    usage = Usage(100, 10, 20)
    assert _cost(lambda: telemetry.token_gap(shop, "m", 0.02)) < 10e-6
    assert _cost(lambda: telemetry.first_token(shop, "m", 0.02)) < 15e-6
    assert _cost(lambda: telemetry.finished(shop, "m", "stop", 1.0, usage)) < 60e-6


def _cost(event: Callable[[], None]) -> float:
    best = 1.0
    for _ in range(5):
        began = time.thread_time()
        for _ in range(2000):
            event()
        best = min(best, (time.thread_time() - began) / 2000)
    return best


@given(st.lists(st.floats(0.0, 100.0), min_size=1), st.text(max_size=20))
def test_histograms_are_what_they_say(values: list[float], label: str) -> None:
    bounds, fewer = (0.5, 1.0, 10.0), (1.0,)
    histogram = Histogram(
        View("a", "All.", ("x",), bounds, lambda labels: labels),
        View("b", "Fewer.", ("x",), fewer, lambda labels: labels),
    )
    counter = Counter("c", "Sum.", ("x",))
    for value in values:
        histogram.observe((label,), value)
        counter.add((label,), value)
    text = "".join([*histogram.blocks(), *counter.blocks()])
    families = {family.name: family.samples for family in text_string_to_metric_families(text)}
    for name, ends in (("a", bounds), ("b", fewer)):
        by = {(s.name, s.labels.get("le")): s for s in families[name]}
        for end in ends:
            assert by[f"{name}_bucket", f"{end:g}"].value == sum(value <= end for value in values)
        assert by[f"{name}_bucket", "+Inf"].value == by[f"{name}_count", None].value == len(values)
        assert abs(by[f"{name}_sum", None].value - sum(values)) < 1e-6
        assert by[f"{name}_count", None].labels["x"] == label
    assert abs(families["c"][0].value - sum(values)) < 1e-6
