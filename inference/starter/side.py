"""Several processes that train one model side by side, each on one core with batches of its own.

On a machine that does other work too this beats one process with as many threads: those wait for each other
at every operation, these once in a step.
"""

import os
from collections.abc import Callable, Iterable, Sequence

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import Tensor


def alone() -> bool:
    return not dist.is_initialized()


def first() -> bool:
    """Whether this process is the one that writes."""
    return alone() or dist.get_rank() == 0


def agree(parameters: Iterable[Tensor], numbers: Sequence[float]) -> list[float]:
    """Gradients and `numbers` become their means over all processes. Returns the numbers."""
    if alone():
        return list(numbers)
    grown = [p for p in parameters if p.requires_grad]
    for parameter in grown:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    grads = [p.grad for p in grown if p.grad is not None]
    flat = torch.cat([*(grad.reshape(-1) for grad in grads), torch.tensor(numbers, dtype=torch.float32)])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    at = 0
    for grad in grads:
        grad.copy_(flat[at : at + grad.numel()].view_as(grad))
        at += grad.numel()
    return [float(number) for number in flat[at:]]


def spread(work: Callable[[int], None], workers: int) -> None:
    """Does `work(rank)` in that many processes; returns when all have."""
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29571")
    mp.spawn(_begin, (work, workers), nprocs=workers)


def _begin(rank: int, work: Callable[[int], None], workers: int) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=workers)
    work(rank)
    dist.destroy_process_group()
