"""The order in which vLLM 0.33 works (`v1/core/sched/scheduler.py`), without the work.

Everything happens in steps. A step has a budget of tokens. First the requests that run get theirs, in the
order in which they came to run: one token each, or the next part of a prompt. Then the head of the queue may
join, while budget, seats and memory last. There are no two phases: a request is behind by some tokens, and
each step lets it catch up.

What follows from that, and is the reason for this model: priority orders the queue and nothing else. Who
waits never pushes out who runs. Only a running request that finds no block for its next token does, and the
one that goes is the least urgent, newest one; it starts over.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lemma_inference.engines.fakevllm.blocks import BlockPool

Policy = Literal["fcfs", "priority"]
State = Literal["new", "waiting", "running", "finished"]
Finish = Literal["stop", "length", "abort"]
BLOCK_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """vLLM's own settings, by their names where they have one. Raises ValueError where they do not fit."""

    policy: Policy = "fcfs"
    max_num_batched_tokens: int = 8192
    max_num_seqs: int = 1024
    max_model_len: int = 32_768
    long_prefill_token_threshold: int = 0
    kv_blocks: int = 26_880
    watermark: float = 0.0
    max_num_queued_reqs: int | None = None
    prefix_caching: bool = True
    chunked_prefill: bool = True
    # Whether a request may join only if its whole prompt has room (`scheduler_reserve_full_isl`).
    reserve_full_prompt: bool = True

    def __post_init__(self) -> None:
        if self.max_num_batched_tokens < 1 or self.max_num_seqs < 1:
            raise ValueError("A step needs a budget of at least one token and one sequence.")
        if self.kv_blocks * BLOCK_TOKENS < self.max_model_len:
            raise ValueError(
                f"{self.kv_blocks} KV blocks hold {self.kv_blocks * BLOCK_TOKENS} tokens, which is less than"
                f" max_model_len {self.max_model_len}: a request could wait for ever."
            )
        if not self.chunked_prefill and self.max_num_batched_tokens < self.max_model_len:
            raise ValueError("Without chunked prefill a step's budget must hold max_model_len tokens.")


@dataclass(eq=False, slots=True)
class Request:
    """Someone's prompt of so many tokens and the wish for an answer.

    `max_tokens` 0 is an embedding: the prompt is read and nothing written. `hashes` name the full blocks of
    prompt and answer so far, each with all that is before it. `owner` is the caller's.
    """

    id: str
    prompt: int
    max_tokens: int
    priority: int = 0
    arrival: float = 0.0
    hashes: list[int] = field(default_factory=list)
    owner: object = None
    state: State = "new"
    computed: int = 0
    output: int = 0
    cached: int = 0
    preemptions: int = 0
    blocks: list[int] = field(default_factory=list)
    named: int = 0
    finish: Finish | None = None

    @property
    def tokens(self) -> int:
        """Of the prompt and of the answer so far."""
        return self.prompt + self.output


@dataclass(slots=True)
class Step:
    """What one pass through the model computes, and what decides how long it takes."""

    tokens: dict[Request, int] = field(default_factory=dict)
    joined: list[Request] = field(default_factory=list)
    preempted: list[Request] = field(default_factory=list)
    prompt_tokens: int = 0
    sequences: int = 0
    context_tokens: int = 0


@dataclass(slots=True)
class Counts:
    """Totals since the start, as vLLM counts them."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    generation_tokens: int = 0
    preemptions: int = 0
    looked_up: int = 0
    found: int = 0
    finished: dict[Finish, int] = field(default_factory=lambda: {"stop": 0, "length": 0, "abort": 0})


class Scheduler:
    """Turns requests into steps: `schedule`, wait as long as the step takes, `complete`, and again.

    It knows no clock. Between the two halves of a step requests may be added and aborted.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.pool = BlockPool(self.limits.kv_blocks, caching=self.limits.prefix_caching)
        self.counts = Counts()
        self.running: list[Request] = []
        # A heap of (key, request). Who left it otherwise stays until it comes to the top.
        self._queue: list[tuple[tuple[int, float, int], Request]] = []
        self._waiting = 0
        self._serial = 0
        self._reserve = int(self.limits.watermark * self.limits.kv_blocks)

    @property
    def waiting(self) -> int:
        return self._waiting

    @property
    def unfinished(self) -> int:
        return self._waiting + len(self.running)

    @property
    def full(self) -> bool:
        """Whether the next request is refused, whatever its priority. Who runs counts as who waits does."""
        most = self.limits.max_num_queued_reqs
        return most is not None and self.unfinished >= most

    def add(self, request: Request) -> None:
        """Puts it into the queue. Raises ValueError where it could never be served."""
        room = self.limits.max_model_len - request.prompt
        if request.prompt < 1 or room < min(1, request.max_tokens):
            raise ValueError(f"{request.prompt} tokens do not fit a context of {self.limits.max_model_len}.")
        if request.state != "new":
            raise ValueError(f"Request {request.id} was added before.")
        request.max_tokens = min(request.max_tokens, room)
        self._enqueue(request)

    def abort(self, request: Request) -> None:
        """Nobody wants it any more. Its blocks are free, and stay findable. Nothing if it is over."""
        if request.state == "running":
            self.running.remove(request)
        elif request.state == "waiting":
            self._waiting -= 1
        else:
            return
        self._end(request, "abort")
        if len(self._queue) > 2 * self._waiting + 16:
            # Those who left must not pile up behind someone urgent.
            self._queue = [entry for entry in self._queue if entry[1].state == "waiting"]
            heapq.heapify(self._queue)

    def schedule(self) -> Step:
        """The next step. Its tokens count as computed from now on."""
        step = Step()
        budget = self._continue(step, self.limits.max_num_batched_tokens)
        if not step.preempted:
            self._join(step, budget)
        for request, count in step.tokens.items():
            if count == 1 and request.output:
                step.sequences += 1
                step.context_tokens += request.computed
            else:
                step.prompt_tokens += count
            request.computed += count
        return step

    def complete(self, step: Step, write: Callable[[Request], bool]) -> list[Request]:
        """The step is done. `write` is asked for the next token of each request that has caught up, and says
        whether it was the last; so it is if `max_tokens` is reached. Returns who is finished."""
        finished: list[Request] = []
        for request in step.tokens:
            if request.state != "running" or request.computed < request.tokens:
                continue
            if not request.output:
                self.counts.prompt_tokens += request.prompt
                self.counts.cached_tokens += request.cached
            if request.max_tokens:
                request.output += 1
                self.counts.generation_tokens += 1
                if write(request):
                    request.finish = "stop"
                elif request.finish is None and request.output >= request.max_tokens:
                    request.finish = "length"
            else:
                request.finish = "stop"
            if request.finish and request.state == "running":
                finished.append(request)
        if finished:
            self.running = [request for request in self.running if not request.finish]
            for request in finished:
                self._end(request, request.finish or "stop")
        return finished

    def _continue(self, step: Step, budget: int) -> int:
        """Gives running requests their tokens; returns what is left of the budget."""
        index = 0
        while index < len(self.running) and budget > 0:
            request = self.running[index]
            count = self._portion(request, request.computed, budget)
            while not self._allocate(request, count):
                victim = self._victim()
                self.running.remove(victim)
                if victim in step.tokens:
                    budget += step.tokens.pop(victim)
                    index -= 1
                self._preempt(victim)
                step.preempted.append(victim)
                if victim is request:
                    return budget
            step.tokens[request] = count
            budget -= count
            index += 1
        return budget

    def _join(self, step: Step, budget: int) -> None:
        """Lets the head of the queue join while there is room. The first that does not fit ends it."""
        while budget > 0 and len(self.running) < self.limits.max_num_seqs:
            request = self._head()
            if request is None:
                return
            # The last token is always computed, for what follows it is what is wanted.
            found = self.pool.find(request.hashes, (request.tokens - 1) // BLOCK_TOKENS)
            known = len(found) * BLOCK_TOKENS
            if not self.limits.chunked_prefill and request.tokens - known > budget:
                return
            count = self._portion(request, known, budget)
            if not self._admit(request, found, count):
                return
            heapq.heappop(self._queue)
            self._waiting -= 1
            request.state = "running"
            request.computed = known
            self.running.append(request)
            step.joined.append(request)
            step.tokens[request] = count
            budget -= count
            if not request.preemptions:
                request.cached = known
                self.counts.looked_up += request.tokens
                self.counts.found += known

    def _portion(self, request: Request, computed: int, budget: int) -> int:
        count = request.tokens - computed
        threshold = self.limits.long_prefill_token_threshold
        if 0 < threshold < count:
            count = threshold
        return min(count, budget)

    def _allocate(self, request: Request, count: int) -> bool:
        """Blocks for so many further tokens; False where there are not enough."""
        end = request.computed + count
        missing = -(-end // BLOCK_TOKENS) - len(request.blocks)
        if missing > self.pool.free:
            return False
        if missing > 0:
            request.blocks += self.pool.take(missing)
        self._name(request, end)
        return True

    def _admit(self, request: Request, found: list[int], count: int) -> bool:
        """Blocks for one who joins: the found ones and those for its first tokens."""
        end = len(found) * BLOCK_TOKENS + count
        needed = request.tokens if self.limits.reserve_full_prompt else end
        needed_blocks = -(-needed // BLOCK_TOKENS) - len(found) + self.pool.idle(found)
        # The reserve is for those who run; if nobody does, holding it back would only stop everything.
        if needed_blocks + (self._reserve if self.running else 0) > self.pool.free:
            return False
        self.pool.share(found)
        request.blocks = found + self.pool.take(-(-end // BLOCK_TOKENS) - len(found))
        request.named = len(found)
        self._name(request, end)
        return True

    def _name(self, request: Request, end: int) -> None:
        """Full blocks can be found from the moment they are given, so that half a prompt is not lost."""
        for index in range(request.named, min(end // BLOCK_TOKENS, len(request.hashes))):
            self.pool.name(request.blocks[index], request.hashes[index])
            request.named = index + 1

    def _victim(self) -> Request:
        if self.limits.policy == "fcfs":
            return self.running[-1]
        return max(self.running, key=lambda request: (request.priority, request.arrival))

    def _preempt(self, request: Request) -> None:
        """It starts over, but for what can be found again."""
        self._release(request)
        request.computed = 0
        request.preemptions += 1
        self.counts.preemptions += 1
        self._enqueue(request)

    def _enqueue(self, request: Request) -> None:
        self._serial += 1
        key = (request.priority, request.arrival, self._serial)
        if self.limits.policy == "fcfs":
            # Who was pushed out goes to the front again. Priorities count for nothing, and nobody is told.
            key = (0, 0.0, -self._serial if request.preemptions else self._serial)
        request.state = "waiting"
        self._waiting += 1
        heapq.heappush(self._queue, (key, request))

    def _head(self) -> Request | None:
        while self._queue:
            request = self._queue[0][1]
            if request.state == "waiting":
                return request
            heapq.heappop(self._queue)
        return None

    def _release(self, request: Request) -> None:
        self.pool.give_back(request.blocks)
        request.blocks = []
        request.named = 0

    def _end(self, request: Request, finish: Finish) -> None:
        self._release(request)
        request.state, request.finish = "finished", finish
        self.counts.finished[finish] += 1
