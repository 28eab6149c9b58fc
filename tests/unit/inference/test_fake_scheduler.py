"""vLLM's order of work, fact by fact, and what must hold whatever comes."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.engines.fakevllm.blocks import BlockPool
from lemma_inference.engines.fakevllm.scheduler import BLOCK_TOKENS, Limits, Request, Scheduler, Step
from lemma_inference.engines.fakevllm.timing import PRESETS
from lemma_inference.engines.fakevllm.tokens import Chain, Tokens
from tests.bench.inference_model import ENGINE, SMALL_STEPS, Load, percentile, simulate

SMALL = Limits(
    policy="priority",
    max_num_batched_tokens=64,
    max_num_seqs=8,
    max_model_len=256,
    kv_blocks=64,
    watermark=0.0,
)


def request(
    name: str, prompt: int = 16, tokens: int = 4, priority: int = 0, at: float = 0.0, salt: str = ""
) -> Request:
    """One whose prompt is its own, unless it shares a name with another."""
    text = name.partition(".")[0].encode() * prompt
    hashes = Tokens(1).chain(text[:prompt], salt or None)
    return Request(name, prompt, tokens, priority, at, hashes)


def scheduler(*requests: Request, **limits: object) -> Scheduler:
    made = Scheduler(replace(SMALL, **limits))  # type: ignore[arg-type]  # Names and values of Limits.
    for one in requests:
        made.add(one)
    return made


def step(of: Scheduler) -> Step:
    """One whole step, in which nobody stops by himself."""
    made = of.schedule()
    of.complete(made, lambda _: False)
    return made


def drain(of: Scheduler) -> list[Request]:
    """Everyone, in the order in which they finish."""
    finished: list[Request] = []
    while of.unfinished:
        finished += of.complete(of.schedule(), lambda _: False)
    return finished


def names(requests: object) -> list[str]:
    return [one.id for one in requests]  # type: ignore[attr-defined]  # Any collection of requests.


def test_priority_orders_the_queue_and_arrival_decides_between_equals() -> None:
    of = scheduler(
        request("late", priority=5, at=2.0),
        request("batch", priority=100, at=0.0),
        request("early", priority=5, at=1.0),
        request("urgent", priority=-100, at=3.0),
        max_num_seqs=1,
    )
    assert names(drain(of)) == ["urgent", "early", "late", "batch"]


def test_without_the_policy_priorities_are_ignored_and_nobody_is_told() -> None:
    of = scheduler(request("a", priority=9), request("b", priority=-9), policy="fcfs", max_num_seqs=1)
    assert names(drain(of)) == ["a", "b"]


def test_who_waits_pushes_nobody_out_of_a_seat() -> None:
    of = scheduler(request("batch", tokens=50, priority=100), max_num_seqs=1)
    step(of)
    of.add(request("research", priority=-100))
    for _ in range(40):
        assert not step(of).preempted
    assert names(of.running) == ["batch"]
    assert of.waiting == 1


def test_who_waits_pushes_nobody_out_of_memory() -> None:
    of = scheduler(request("batch", prompt=200, tokens=40, priority=100), kv_blocks=16)
    for _ in range(4):
        step(of)
    of.add(request("research", prompt=64, priority=-100))
    for _ in range(36):
        assert not step(of).preempted
    assert names(of.running) == ["batch"]


def test_the_queue_stops_at_the_first_that_does_not_fit_though_others_would() -> None:
    of = scheduler(request("big", prompt=200, tokens=40), kv_blocks=16)
    for _ in range(4):
        step(of)
    of.add(request("next", prompt=100, priority=1))
    of.add(request("small", prompt=8, priority=2))
    step(of)
    assert names(of.running) == ["big"]


def test_those_who_run_come_first_in_their_order_whatever_their_priority() -> None:
    of = scheduler(request("batch", prompt=100, priority=100))
    step(of)
    of.add(request("research", prompt=100, priority=-100))
    second = step(of)
    assert list(second.tokens.values()) == [36, 28]
    assert names(second.tokens) == ["batch", "research"]


def test_who_runs_and_finds_no_block_pushes_out_the_least_urgent_and_newest() -> None:
    of = scheduler(
        request("research", prompt=16, tokens=40, priority=-100),
        request("old", prompt=16, tokens=40, priority=100, at=1.0),
        request("new", prompt=16, tokens=40, priority=100, at=2.0),
        kv_blocks=16,
        max_model_len=256,
    )
    of.pool.take(10)  # Someone else has them for good.
    step(of)
    pushed_out: list[str] = []
    while not pushed_out:
        made = step(of)
        pushed_out = names(made.preempted)
    assert pushed_out == ["new"]
    assert not made.joined, "nobody joins in a step that pushed someone out"
    assert names(of.running) == ["research", "old"]
    assert of.counts.preemptions == 1


def test_first_come_first_served_pushes_out_the_last_and_puts_it_first_again() -> None:
    a, b = request("a", prompt=16, tokens=40), request("b", prompt=16, tokens=40)
    of = scheduler(a, b, policy="fcfs", kv_blocks=16, max_num_seqs=2)
    of.pool.take(11)
    step(of)
    of.add(request("c", prompt=16, tokens=1))
    while not b.preemptions:
        step(of)
    assert (names(of.running), of.waiting) == (["a"], 2)
    joined: list[str] = []
    while not joined:
        joined = names(step(of).joined)
    assert joined == ["b", "c"]


def test_who_was_pushed_out_starts_over_and_keeps_its_words() -> None:
    victim = request("victim", prompt=16, tokens=40, priority=100)
    of = scheduler(
        request("a", prompt=16, tokens=60), victim, kv_blocks=16, prefix_caching=False, max_model_len=256
    )
    of.pool.take(11)
    while not victim.preemptions:
        step(of)
    written = victim.output
    assert written > 1
    assert victim.computed == 0
    while victim.state != "running":
        made = step(of)
    assert made.tokens[victim] == 16 + written
    assert made.prompt_tokens == 16 + written
    assert names(drain(of)) == ["victim"]
    assert victim.output == 40


def test_a_prompt_is_read_in_parts_that_fit_the_step() -> None:
    of = scheduler(request("long", prompt=150, tokens=2))
    assert [list(step(of).tokens.values()) for _ in range(4)] == [[64], [64], [22], [1]]


def test_without_parts_a_prompt_waits_for_a_step_of_its_own() -> None:
    of = scheduler(
        request("a", prompt=200), request("b", prompt=200), chunked_prefill=False, max_num_batched_tokens=256
    )
    assert names(step(of).tokens) == ["a"]


def test_the_threshold_bounds_a_prompt_in_a_step_and_not_how_many_are_read() -> None:
    prompts = [request(str(number), prompt=100) for number in range(5)]
    of = scheduler(*prompts, long_prefill_token_threshold=16)
    assert list(step(of).tokens.values()) == [16, 16, 16, 16]


def test_the_bound_on_requests_counts_those_who_run_and_is_blind_to_priority() -> None:
    of = scheduler(request("runs", tokens=9), max_num_queued_reqs=2, max_num_seqs=1)
    step(of)
    assert not of.full
    of.add(request("waits", priority=-100))
    assert of.full


def test_the_watermark_holds_joiners_back_only_while_someone_runs() -> None:
    of = scheduler(
        request("a", prompt=112, tokens=20), request("b", prompt=112), kv_blocks=16, watermark=0.25
    )
    for _ in range(3):
        step(of)
    assert names(of.running) == ["a"]
    alone = scheduler(request("a", prompt=240, tokens=1), kv_blocks=16, watermark=0.25)
    assert names(step(alone).tokens) == ["a"]


def test_the_whole_prompt_must_have_room_before_its_first_part_is_read() -> None:
    for reserve, joined in [(True, ["a"]), (False, ["a", "b"])]:
        two = request("a", prompt=160, tokens=80), request("b", prompt=160)
        of = scheduler(*two, kv_blocks=16, max_num_batched_tokens=256, reserve_full_prompt=reserve)
        assert names(step(of).tokens) == joined, "six blocks are left, and a part of 96 tokens has room"


def test_an_aborted_prompt_is_resumed_from_the_blocks_that_were_computed() -> None:
    first = request("same.1", prompt=160)
    of = scheduler(first)
    step(of)
    step(of)
    of.abort(first)
    assert of.pool.free == of.pool.count
    second = request("same.2", prompt=160)
    of.add(second)
    assert step(of).tokens == {second: 32}
    assert second.cached == 128
    assert (of.counts.looked_up, of.counts.found) == (320, 128)


def test_all_of_a_known_prompt_but_its_last_block_is_found() -> None:
    of = scheduler(request("same.1", prompt=64, tokens=1))
    drain(of)
    again = request("same.2", prompt=64, tokens=1)
    of.add(again)
    drain(of)
    assert again.cached == 48, "the last token is computed anew, and so is its block"


def test_a_running_prompt_shares_its_blocks() -> None:
    of = scheduler(request("same.1", prompt=64, tokens=9), request("same.2", prompt=64, tokens=9))
    for _ in range(3):
        step(of)
    assert of.pool.count - of.pool.free == 3 + 2 * 2, "three are shared, two each hold an end and an answer"


def test_a_salt_separates_those_who_ask_the_same() -> None:
    of = scheduler(request("same.1", prompt=64, salt="a"))
    drain(of)
    other = request("same.2", prompt=64, salt="b")
    of.add(other)
    drain(of)
    assert other.cached == 0


def test_without_the_cache_nothing_is_found() -> None:
    of = scheduler(request("same.1", prompt=64), prefix_caching=False)
    drain(of)
    again = request("same.2", prompt=64)
    of.add(again)
    drain(of)
    assert again.cached == 0


def test_many_prompts_make_the_cache_forget_the_one_that_was_unused_longest() -> None:
    of = scheduler(request("research.1", prompt=64, tokens=1), kv_blocks=16)
    drain(of)
    for number in range(3):
        of.add(request(f"batch{number}", prompt=64, tokens=1))
        drain(of)
    kept = request("research.2", prompt=64, tokens=1)
    of.add(kept)
    drain(of)
    assert kept.cached == 48
    for number in range(4):
        of.add(request(f"more{number}", prompt=64, tokens=1))
        drain(of)
    lost = request("research.3", prompt=64, tokens=1)
    of.add(lost)
    drain(of)
    assert lost.cached == 0


def test_the_end_of_a_text_is_forgotten_before_its_beginning() -> None:
    pool = BlockPool(4)
    blocks = pool.take(3)
    for place, block in enumerate(blocks):
        pool.name(block, place)
    pool.give_back(blocks)
    pool.take(2)
    assert pool.find([0, 1, 2], 9) == blocks[:2]


def test_what_was_answered_is_found_when_the_conversation_goes_on() -> None:
    tokens = Tokens(4)
    opening = [{"role": "user", "content": "Tell me a long story about a queue."}]
    prompt = tokens.chat(opening)
    chain = Chain(tokens, prompt, None)
    answer = [b"once", b" upo", b"n a ", b"time"] * 8
    for token in answer:
        chain.add(token)
    written = {"role": "assistant", "content": b"".join(answer).decode()}
    longer = tokens.chat([*opening, written, {"role": "user", "content": "Go on."}])
    assert tokens.chain(longer, None)[: len(chain.hashes)] == chain.hashes
    assert len(chain.hashes) > len(tokens.chain(prompt, None))


def test_an_embedding_is_read_and_has_no_words() -> None:
    of = scheduler(request("text", prompt=100, tokens=0))
    (finished,) = drain(of)
    assert (finished.finish, finished.output) == ("stop", 0)
    assert (of.counts.prompt_tokens, of.counts.generation_tokens) == (100, 0)


def test_an_answer_ends_where_its_writer_says_or_at_its_bound() -> None:
    stops, runs = request("stops", tokens=9), request("runs", tokens=3)
    of = scheduler(stops, runs)
    while of.unfinished:
        of.complete(of.schedule(), lambda one: one is stops and one.output == 2)
    assert (stops.finish, stops.output) == ("stop", 2)
    assert (runs.finish, runs.output) == ("length", 3)
    assert of.counts.finished == {"stop": 1, "length": 1, "abort": 0}


def test_an_answer_ends_with_the_context() -> None:
    of = scheduler(request("long", prompt=250, tokens=1000), kv_blocks=16, max_num_batched_tokens=256)
    (finished,) = drain(of)
    assert finished.output == 6


def test_a_request_that_leaves_between_two_halves_of_a_step_gets_no_word() -> None:
    leaves, stays = request("leaves"), request("stays")
    of = scheduler(leaves, stays)
    made = of.schedule()
    of.abort(leaves)
    of.complete(made, lambda _: False)
    assert (leaves.output, leaves.finish, stays.output) == (0, "abort", 1)
    of.abort(leaves)
    assert of.counts.finished["abort"] == 1


def test_those_who_leave_the_queue_do_not_pile_up_in_it() -> None:
    of = scheduler(request("runs", tokens=50), max_num_seqs=1)
    step(of)
    of.add(request("first", priority=-1))
    for number in range(1000):
        leaves = request(f"leaves{number}", priority=5)
        of.add(leaves)
        of.abort(leaves)
    assert of.waiting == 1
    assert len(of._queue) < 100
    assert names(drain(of)) == ["runs", "first"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kv_blocks": 15},
        {"max_num_seqs": 0},
        {"chunked_prefill": False},
    ],
)
def test_limits_under_which_a_request_would_wait_for_ever_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="token"):
        replace(SMALL, **wrong)  # type: ignore[arg-type]  # Names and values of Limits.


def test_a_request_that_could_never_be_served_is_refused() -> None:
    of = scheduler()
    with pytest.raises(ValueError, match="context of 256"):
        of.add(request("too long", prompt=256))
    with pytest.raises(ValueError, match="do not fit"):
        of.add(request("empty", prompt=0))
    twice = request("twice")
    of.add(twice)
    with pytest.raises(ValueError, match="added before"):
        of.add(twice)


LIMITS = st.builds(
    Limits,
    policy=st.sampled_from(["fcfs", "priority"]),
    max_num_batched_tokens=st.integers(1, 80),
    max_num_seqs=st.integers(1, 6),
    max_model_len=st.just(128),
    long_prefill_token_threshold=st.sampled_from([0, 5, 32]),
    kv_blocks=st.integers(8, 24),
    watermark=st.sampled_from([0.0, 0.1, 0.5]),
    prefix_caching=st.booleans(),
    reserve_full_prompt=st.booleans(),
)
# A name, so that some share a beginning; tokens of prompt and answer; a priority. Or a step, or who leaves.
ADD = st.tuples(st.sampled_from("abcd"), st.integers(1, 127), st.integers(0, 60), st.integers(-2, 2))
EVENTS = st.lists(st.one_of(ADD, st.just("step"), st.integers(0, 30)), min_size=1, max_size=60)


@settings(max_examples=300, deadline=None)
@given(LIMITS, EVENTS)
def test_whatever_comes_budgets_are_kept_and_nothing_is_lost(
    limits: Limits, events: list[tuple[str, int, int, int] | str | int]
) -> None:
    of = Scheduler(limits)
    everyone: list[Request] = []
    for serial, event in enumerate(events):
        if isinstance(event, tuple):
            name, prompt, tokens, priority = event
            everyone.append(request(f"{name}.{serial}", prompt, tokens, priority, float(serial)))
            of.add(everyone[-1])
        elif isinstance(event, int):
            if event < len(everyone):
                of.abort(everyone[event])
        else:
            check_step(of, everyone)
        check_state(of, everyone)
    steps = 0
    while of.unfinished:
        check_step(of, everyone)
        check_state(of, everyone)
        steps += 1
        assert steps < 20_000, "it goes on for ever"
    assert of.pool.free == of.pool.count
    for one in everyone:
        assert one.finish == "abort" or one.output == one.max_tokens
    assert sum(of.counts.finished.values()) == len(everyone)


def check_step(of: Scheduler, everyone: list[Request]) -> None:
    """One step, within its budgets and in its order."""
    before, limits = list(of.running), of.limits
    made = of.schedule()
    counts = made.tokens.values()
    assert sum(counts) <= limits.max_num_batched_tokens
    assert all(count >= 1 for count in counts)
    if limits.long_prefill_token_threshold:
        assert all(count <= limits.long_prefill_token_threshold for count in counts)
    assert len(of.running) <= limits.max_num_seqs
    assert made.prompt_tokens + made.sequences == sum(counts)
    order = [one for one in made.tokens if one in before]
    assert order == [one for one in before if one in made.tokens], "those who run come in their order"
    assert [*order, *made.joined] == list(made.tokens), "and before those who join"
    assert not (made.preempted and made.joined)
    if limits.policy == "priority":
        waiting = [(one.priority, one.arrival) for one in everyone if one.state == "waiting"]
        for one in made.joined:
            assert all((one.priority, one.arrival) < key for key in waiting), "a more urgent one was passed"
        for one in made.preempted:
            kept = [other for other in before if other.state == "running"]
            assert all((other.priority, other.arrival) < (one.priority, one.arrival) for other in kept)
    of.complete(made, lambda _: False)


def check_state(of: Scheduler, everyone: list[Request]) -> None:
    """Everyone is in one place, and every block is free or in the hands of those who hold it."""
    states = Counter(one.state for one in everyone)
    assert states["waiting"] == of.waiting
    assert [one.state for one in of.running] == ["running"] * states["running"]
    held = {block for one in everyone for block in one.blocks}
    assert of.pool.free + len(held) == of.pool.count
    for one in everyone:
        assert bool(one.blocks) == (one.state == "running")
        assert len(set(one.blocks)) == len(one.blocks)
        if one.state == "running":
            assert len(one.blocks) == -(-one.computed // BLOCK_TOKENS)
    if not of.limits.prefix_caching:
        assert of.pool.findable == 0


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32), st.integers(1, 120))
def test_blocks_are_free_or_used_and_found_by_what_they_hold(count: int, seed: int, moves: int) -> None:
    rng = random.Random(seed)
    pool = BlockPool(count)
    users: list[list[int]] = []
    content: dict[int, int] = {}
    for serial in range(moves):
        if users and rng.random() < 0.4:
            pool.give_back(users.pop(rng.randrange(len(users))))
        elif content and rng.random() < 0.3:
            found = pool.find([rng.choice(list(content))], 1)
            pool.share(found)
            users.append(found)
        elif pool.free:
            (block,) = pool.take(1)
            content = {name: place for name, place in content.items() if place != block}
            pool.name(block, serial)
            content[serial] = block
            users.append([block])
        held = {block for blocks in users for block in blocks}
        assert pool.free == count - len(held)
        assert pool.usage == pytest.approx(len(held) / count)
        for name, place in content.items():
            assert pool.find([name], 1) == [place]


def test_the_same_load_gives_the_same_times() -> None:
    limits = ENGINE
    first, second = (
        simulate(Load(1.0, 32, seconds=10.0, seed=7), limits, PRESETS["8b-h100"]) for _ in range(2)
    )
    assert first == second
    assert first.first


def test_a_step_is_as_long_as_our_research_guesses() -> None:
    """Section 3.7, rows 0 and B: research alone, and beside batch with priorities only."""
    limits, pace = ENGINE, PRESETS["8b-h100"]
    alone = simulate(Load(1.0, 0, seconds=200.0, seed=1), limits, pace)
    assert percentile(alone.first, 0.5) == pytest.approx(46, abs=3)
    assert percentile(alone.between, 0.5) == pytest.approx(6.0, abs=0.2)
    beside = simulate(Load(1.0, 256, seconds=200.0, seed=1), limits, pace)
    assert percentile(beside.first, 0.5) == pytest.approx(621, rel=0.25)
    assert percentile(beside.first, 0.99) == pytest.approx(1673, rel=0.15)
    assert percentile(beside.between, 0.99) == pytest.approx(339, rel=0.05)
    assert beside.batch == pytest.approx(481, rel=0.1)


def test_what_helps_is_to_bound_the_prompts_that_are_read() -> None:
    """Section 3.7: first come first served serves nobody, small steps alone do little, row F does."""
    pace = PRESETS["8b-h100"]
    unprotected = simulate(Load(1.0, 256, seconds=100.0, seed=2), replace(ENGINE, policy="fcfs"), pace)
    assert (unprotected.asked > 80, unprotected.first) == (True, [])
    small = simulate(Load(1.0, 256, seconds=100.0, seed=2), SMALL_STEPS, pace)
    assert percentile(small.first, 0.99) > 1000
    bounded = simulate(Load(1.0, 48, 2, seconds=100.0, seed=2), SMALL_STEPS, pace)
    assert percentile(bounded.first, 0.99) < 400
    assert bounded.batch > 0.85 * unprotected.batch
