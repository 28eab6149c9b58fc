"""The contention table in small on real vLLM, on this machine's processor, with the starter model.

A processor computes no step in the time that a graphics card takes, and two cores are shared with client and
gateway, so the targets in milliseconds are not asked here. What is: whether vLLM does with priorities,
prompts and aborted requests what the fake engine does, and whether the order of the rows is the same.

vLLM is started by the launchers' own command. `make test-vllm` installs it in `.venv-vllm`.
"""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lemma_inference.launchers.vllm_command import VllmNumbers, vllm_spec
from tests.bench.inference import cases, processes
from tests.bench.inference.cases import ADVISED, Case, Scale
from tests.bench.inference.contention import Scene
from tests.bench.inference.outcome import Outcome, table
from tests.bench.inference.processes import ROOT, START_SECONDS, Child

PYTHON = ROOT / ".venv-vllm" / "bin" / "python"
WEIGHTS = ROOT / "inference" / "starter" / "weights"
SCALE = Scale(
    model="starter",
    engine="vllm",
    context=4096,
    seats=32,
    kv_tokens=80_000,
    research_prompt=250,
    research_answer=32,
    batch_prompts=(500, 1_000, 2_000, 3_500),
    batch_answer=64,
    supply=24,
)
SMALL = {"max-num-batched-tokens": 512.0}
LARGE = {"max-num-batched-tokens": 4096.0}
CHOSEN = ("research alone", "vLLM's priorities only", "gateway, share", "gateway, strict")


@dataclass(frozen=True)
class Plan:
    rate: float = 0.5
    seconds: float = 300.0
    warm_up: float = 30.0


async def measure(plan: Plan) -> str:
    """The table, as Markdown; a sentence where vLLM is not installed."""
    if not PYTHON.exists():
        return "vLLM is not installed here: `make test-vllm` installs it in `.venv-vllm`."
    found: dict[tuple[str, float], Outcome] = {}
    for case in cases.CASES:
        if case.name in CHOSEN:
            flags = SMALL if case.flags is ADVISED else LARGE
            found[case.name, plan.rate] = await _row(replace(case, flags=flags), plan)
    said = (
        f"Research asks with {SCALE.research_prompt} tokens for {SCALE.research_answer}; of the product"
        f" {SCALE.supply} requests are always there, {', '.join(map(str, SCALE.batch_prompts))} for"
        f" {SCALE.batch_answer}."
    )
    return f"{said}\n\n{table(found, (plan.rate,), targets=False)}"


async def _row(case: Case, plan: Plan) -> Outcome:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lemma-bench-")))
        scene = await Scene.set_up(case, SCALE, lambda name: _engine(folder, name, case), folder, stack)
        async with asyncio.timeout(START_SECONDS):  # The gateway tests an engine before it gives it anything.
            await _until_answered(scene)
        if case.batch:
            await asyncio.sleep(plan.warm_up)
        return await scene.play(plan.rate, plan.seconds)


async def _until_answered(scene: Scene) -> None:
    while True:
        reply = await scene.client.ask(scene.research())
        if reply.ok:
            return
        await asyncio.sleep(1.0)


def _engine(folder: Path, name: str, case: Case) -> Child:
    port = processes.free_port()
    steps = int(case.flags["max-num-batched-tokens"])
    extra = {} if steps == SMALL["max-num-batched-tokens"] else {"long-prefill-token-threshold": "0"}
    numbers = VllmNumbers(SCALE.seats, steps, SCALE.context, dtype="float32", extra=extra)
    spec = vllm_spec(
        name,
        SCALE.model,
        WEIGHTS,
        numbers,
        environ={"VLLM_CPU_KVCACHE_SPACE": "1"},
        gpus=0.0,
        python=str(PYTHON),
    )
    here = {"{host}": "127.0.0.1", "{port}": str(port)}
    words = [*(here.get(word, word) for word in spec.argv), "--enforce-eager"]
    url = f"http://127.0.0.1:{port}"
    return Child(name, words, folder, environment=spec.env, url=url, key=spec.key)
