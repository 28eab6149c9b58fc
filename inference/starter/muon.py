"""Muon: momentum whose update is made orthogonal by Newton-Schulz steps (Jordan et al., 2024).

Matrices of one shape are stepped together as one batched product, which matters on a CPU.
"""

from collections.abc import Iterable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.optim import Optimizer


def orthogonal(update: Tensor, steps: int = 5) -> Tensor:
    """Nearly orthogonal matrices (n, rows, columns) in the direction of `update`."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = update.shape[-2] > update.shape[-1]
    x = update.mT if tall else update
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


def together(updates: Tensor) -> Tensor:
    """`orthogonal`, with the work shared by the processes that train side by side."""
    workers = dist.get_world_size() if dist.is_initialized() else 1
    if workers == 1 or len(updates) % workers:
        return orthogonal(updates)
    mine = orthogonal(updates.chunk(workers)[dist.get_rank()]).contiguous()
    all_of_them = [torch.empty_like(mine) for _ in range(workers)]
    dist.all_gather(all_of_them, mine)
    return torch.cat(all_of_them)


class Muon(Optimizer):
    """For two-dimensional weights only; embeddings and gains belong to AdamW.

    No singular value outgrows `1 / decay`: without that bound, attention saturates within a thousand steps
    and stops learning.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float = 0.01, momentum: float = 0.95, decay: float = 0.2
    ) -> None:
        super().__init__(list(params), {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in by_shape.items():
                updates = []
                for parameter in parameters:
                    state = self.state[parameter]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(parameter)
                    state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                    updates.append(parameter.grad.lerp(state["momentum"], group["momentum"]))
                scale = max(1.0, shape[0] / shape[1]) ** 0.5
                for parameter, update in zip(parameters, together(torch.stack(updates)), strict=True):
                    parameter.mul_(1 - group["lr"] * group["decay"])
                    parameter.add_(update, alpha=-group["lr"] * scale)
