"""Our counts beside the engines' own."""

from collections.abc import Mapping

import httpx
import pytest

from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.metering import Account, Metering, Worked
from lemma_inference.metering.reconcile import (
    Counters,
    Drift,
    Place,
    Reconciler,
    Report,
    Source,
    compare,
    counters,
)
from lemma_inference.metering.record import Record, Wasted
from tests.unit.inference.fake_engine import Fake, fake

WHO = Caller("t", "k", "batch")
HERE: Place = ("m", "r1")

VLLM_PAGE = """\
# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="a {b} c"} 1.234e+03
vllm:prompt_tokens_total{engine="1",model_name="a {b} c"} 6.0
vllm:prompt_tokens_created{engine="0",model_name="a"} 1.7e+09
vllm:generation_tokens_total{engine="0",model_name="a"} 50.0 1700000000000
process_start_time_seconds 1.7000000005e+09
"""
LLAMA_PAGE = """\
# TYPE llamacpp:prompt_tokens_total counter
llamacpp:prompt_tokens_total 70
llamacpp:tokens_predicted_total 8
llamacpp:prompt_tokens_seconds 120.5
"""


def test_counters_are_read_from_the_pages_of_both_engines() -> None:
    assert counters(VLLM_PAGE) == Counters(1240, 50, 1_700_000_000.5, cached=True)
    assert counters(LLAMA_PAGE) == Counters(70, 8, None, cached=False)
    assert counters("up 1\nvllm:prompt_tokens_total x\n") is None
    assert counters("") is None


def page(prompt: int, completion: int, *, llama: bool = False) -> str:
    if llama:
        return f"llamacpp:prompt_tokens_total {prompt}\nllamacpp:tokens_predicted_total {completion}\n"
    return f"vllm:prompt_tokens_total {prompt}.0\nvllm:generation_tokens_total {completion}.0\n"


def test_both_sides_are_compared_from_the_first_look_on() -> None:
    seen: dict[Place, Worked] = {HERE: Worked(100, 0, 10)}
    reconciler = Reconciler(lambda: seen, clock=lambda: 7.0)
    reconciler.observe(HERE, page(1000, 500))
    assert reconciler.report().drifts == [Drift("m", "r1", 7.0)]
    seen[HERE] = Worked(300, 150, 40)
    reconciler.observe(HERE, page(1250, 530))
    [drift] = reconciler.report().drifts
    assert (drift.metered_prompt, drift.counted_prompt, drift.prompt) == (200, 250, 50)
    assert (drift.metered_completion, drift.counted_completion, drift.completion) == (30, 30, 0)
    assert drift.share == reconciler.report().worst == 50 / 280
    assert drift.body()["share"] == drift.share


def test_a_restart_of_an_engine_is_no_drift() -> None:
    seen: dict[Place, Worked] = {}
    reconciler = Reconciler(lambda: seen)
    reconciler.observe(HERE, page(0, 0))
    seen[HERE] = Worked(100, 0, 10)
    reconciler.observe(HERE, page(100, 10))
    seen[HERE] = Worked(180, 0, 18)  # 50 and 5 of these before it was killed, the others after its start.
    reconciler.observe(HERE, page(30, 3))
    seen[HERE] = Worked(200, 0, 20)
    reconciler.observe(HERE, page(50, 5))
    [drift] = reconciler.report().drifts
    assert (drift.restarts, drift.prompt, drift.completion) == (1, 0, 0)
    assert (drift.metered_prompt, drift.metered_completion) == (120, 12)


def test_llama_counts_no_prompt_from_its_cache() -> None:
    seen: dict[Place, Worked] = {}
    reconciler = Reconciler(lambda: seen)
    reconciler.observe(HERE, page(0, 0, llama=True))
    seen[HERE] = Worked(100, 60, 10)
    reconciler.observe(HERE, page(40, 10, llama=True))
    assert reconciler.report().worst == 0.0


def test_an_engine_without_counters_is_told() -> None:
    reconciler = Reconciler(dict)
    reconciler.observe(HERE, "up 1\n")
    assert reconciler.report().incomplete
    assert "no counters" in reconciler.report().drifts[0].trouble


async def ask(engine: Fake, account: Account, text: str, tokens: int) -> None:
    """One request to the engine, metered as the gateway does."""
    chunks = await engine.stream(
        messages=[{"role": "user", "content": text}],
        max_tokens=tokens,
        ignore_eos=True,
        stream_options={"include_usage": True, "continuous_usage_stats": True},
    )
    for chunk in chunks:
        if usage := chunk.get("usage"):
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
            account.saw(Usage(usage["prompt_tokens"], cached, usage["completion_tokens"]))


async def test_what_is_metered_is_what_an_engine_counts_waste_included() -> None:
    metering = Metering(None)
    reconciler = Reconciler(metering.seen)
    async with fake("--enable-prompt-tokens-details") as engine:
        sources = {HERE: Source(engine.url)}
        await reconciler.look(engine.client, sources)
        for turn in range(5):
            account = metering.reserve(WHO, "m", 1000, 100)
            account.sent("r1")
            await ask(engine, account, "the same prompt " * 20, 10)
            if turn == 2:
                account.restart("r1")
                await ask(engine, account, "the same prompt " * 20, 7)
            if turn != 4:
                account.close("length", "r1")
        report = await reconciler.look(engine.client, sources)
        [drift] = report.drifts
        assert drift.metered_prompt > 300
        assert drift.metered_completion == 57
        assert (drift.prompt, drift.completion, drift.trouble, report.worst) == (0, 0, "", 0.0)
        await engine.chat()  # Past the gateway.
        report = await reconciler.look(engine.client, sources)
        assert report.drifts[0].prompt > 0
        assert report.worst > 0.005
    async with httpx.AsyncClient(trust_env=False) as client:
        report = await reconciler.look(client, sources)
        assert "cannot be read" in report.drifts[0].trouble
        assert (await reconciler.look(client, {})).drifts == []


def record(at: float, prompt: int, cached: int = 0, wasted: tuple[Wasted, ...] = ()) -> Record:
    return Record(
        id="x", at=at, end=at + 1, tenant="t", customer="", key="k", request_class="batch", model="m",
        replica="r1", prompt=prompt, cached=cached, completion=1, wasted_prompt=0, wasted_completion=0,
        attempts=1, finish="stop", wasted=wasted,
    )  # fmt: skip


RECORDS = [
    record(10, 1000),
    record(100, 20, cached=5),
    record(200, 30, wasted=(Wasted("r2", 7, 3, 2), Wasted("r1", 1, 0, 1))),
]


@pytest.mark.parametrize(
    ("found", "metered"),
    [
        ({HERE: Counters(51, 3, 50.0, cached=True)}, {"r1": (51, 3)}),
        ({HERE: Counters(46, 3, 50.0, cached=False)}, {"r1": (46, 3)}),
        ({HERE: Counters(1051, 4, None, cached=True)}, {"r1": (1051, 4)}),
        ({("m", "r2"): Counters(7, 2, 50.0, cached=True)}, {"r2": (7, 2)}),
        ({("other", "r1"): Counters(0, 0, 50.0, cached=True)}, {"r1": (0, 0)}),
    ],
    ids=["since its start", "llama", "start not known", "waste elsewhere", "another model"],
)
def test_the_journal_is_compared_with_engines_as_they_are(
    found: Mapping[Place, Counters], metered: Mapping[str, tuple[int, int]]
) -> None:
    report = compare(RECORDS, found)
    assert {one.replica: (one.metered_prompt, one.metered_completion) for one in report.drifts} == metered
    assert report.worst == 0.0
    assert not report.incomplete


def test_an_engine_that_cannot_be_asked_is_told() -> None:
    report: Report = compare(RECORDS, {HERE: None})
    assert report.incomplete
