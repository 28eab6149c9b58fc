"""May this model be served, by what its card says? Every breach names the rule and the value that breaks it.

The files are judged in `files`. Both lists together are what `check` gives.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from lemma_inference.registry.cards import WEIGHTS, File, Frontier, ModelCard, Registry, Role

# SPDX names of licences that allow a paid service. Others are refused until somebody has read them. Llama's
# and older Gemma's terms are no open licences: they restrict who may use them, and for what.
LICENCES = frozenset({"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0"})

# Options of `vllm serve` that say how to read a model. None of them runs code of the model's.
VLLM_OPTIONS = frozenset(
    {
        "config_format",
        "kv_cache_dtype",
        "load_format",
        "quantization",
        "reasoning_parser",
        "runner",
        "tokenizer_mode",
        "tool_call_parser",
    }
)

_REVISION = re.compile(r"[0-9a-f]{40}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}")
_SOURCE = re.compile(r"https://[^\s/]+/?\S*|[\w./-]+\.md")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the model breaks, and the value that breaks it."""

    rule: str
    detail: str


def card_findings(card: ModelCard, today: date | None = None) -> list[Finding]:
    """All breaches that need no look at the files."""
    return [
        *_origin(card),
        *_facts(card, today or date.today()),  # noqa: DTZ011 - a release date has no time zone
        *_paths(card),
        *_engines(card),
        *_tuned(card, today),
        *_below_frontier(card),
    ]


def warnings(registry: Registry, today: date | None = None) -> list[str]:
    """What does not stop a model and should be looked at."""
    now = today or date.today()  # noqa: DTZ011 - the frontier's dates have no time zone
    days = registry.policy.frontier_days
    return [
        f"The frontier on {best.benchmark} is of {best.date}, over {days} days ago: look for a newer one."
        for best in frontier(registry).values()
        if (now - best.date).days > days
    ]


def frontier(registry: Registry) -> dict[tuple[str, str], Frontier]:
    """The best published result for each kind of model and benchmark."""
    best: dict[tuple[str, str], Frontier] = {}
    for entry in registry.frontier:
        key = (entry.kind, entry.benchmark)
        if key not in best or entry.value > best[key].value:
            best[key] = entry
    return best


def memory_needed(card: ModelCard, sizes: Mapping[str, int] | None = None) -> int:
    """Bytes to serve the model: the weights of the engine that needs most, and the attention cache of
    `kv_tokens` tokens, or of the context where that is less. `sizes` are the files' by path; by default those
    that the card states."""
    weights: dict[Role, int] = {}
    for file in card.files:
        if file.role in WEIGHTS:
            size = file.bytes if sizes is None else sizes.get(file.path, 0)
            weights[file.role] = weights.get(file.role, 0) + size
    tokens = min(card.context, card.registry.policy.kv_tokens)
    return max(weights.values(), default=0) + card.kv_bytes_per_token * tokens


def memory_findings(card: ModelCard, sizes: Mapping[str, int] | None = None) -> Iterator[Finding]:
    """Whether `memory` is enough by the formula."""
    needed = memory_needed(card, sizes)
    if not is_toy(card) and not card.dummy and card.memory < needed:
        yield Finding("memory", f"{card.memory} bytes are fewer than the {needed} of weights and cache")


def is_toy(card: ModelCard) -> bool:
    """Whether it is too small to know anything, as random weights of tests are."""
    return _size(card) < card.registry.policy.toy_parameters


def _size(card: ModelCard) -> int:
    """Its parameters, with those of the model that an adapter is laid over."""
    base = card.registry.cards.get(card.base) if card.adapter else None
    return card.parameters + (base.parameters if base else 0)


def _origin(card: ModelCard) -> Iterator[Finding]:
    if card.known:
        yield Finding("known", f"it is known and not approved: {card.known}")
    if card.licence not in LICENCES:
        allowed = ", ".join(sorted(LICENCES))
        yield Finding("licence", f"{card.licence or 'none'} is not one of {allowed}")
    if card.own:
        return
    origins = {(card.repository, card.revision)}
    origins |= {origin(card, file) for file in card.files}
    for repository, revision in sorted(origins):
        if not _REPOSITORY.fullmatch(repository):
            yield Finding("repository", f"{repository or 'none'} is not of the form owner/name")
        if not _REVISION.fullmatch(revision):
            yield Finding(
                "revision", f"{revision or 'none'} of {repository} is not a commit of 40 hex digits"
            )


def origin(card: ModelCard, file: File) -> tuple[str, str]:
    """The repository and the revision that a file comes from."""
    return file.repository or card.repository, file.revision or card.revision


def _facts(card: ModelCard, today: date) -> Iterator[Finding]:
    if card.released is not None and card.released > today:
        yield Finding("released", f"{card.released} lies in the future")
    if is_toy(card) or card.dummy:
        return
    if card.released is None:
        yield Finding("released", "no release date")
    if not card.dtype:
        yield Finding("dtype", "none")
    if not card.kv_bytes_per_token and not card.adapter:
        yield Finding("memory", "no kv_bytes_per_token")
    yield from memory_findings(card)


def _paths(card: ModelCard) -> Iterator[Finding]:
    seen: set[str] = set()
    for file in card.files:
        if not safe_path(file.path):
            yield Finding(
                "path", f"{file.path} is absolute, leaves the model's folder, or has odd characters"
            )
        if file.path.lower() in seen:
            yield Finding("path", f"{file.path} is named twice")
        seen.add(file.path.lower())
        if not file.sha256:
            yield Finding("unpinned", f"{file.path} has no SHA-256")


def safe_path(path: str) -> bool:
    """Relative, with forward slashes, and no part that is hidden, empty or leads up."""
    return all(_PART.fullmatch(part) for part in path.split("/"))


def _engines(card: ModelCard) -> Iterator[Finding]:
    weights = {WEIGHTS[file.role] for file in card.files if file.role in WEIGHTS}
    if card.dummy and weights:
        yield Finding("weights", "it has weights, so it is no dummy")
    if not weights and not card.dummy and not is_toy(card):
        yield Finding("weights", "no file of weights is pinned")
    for engine in card.engines:
        if engine not in weights and not card.dummy:
            yield Finding("engine", f"{engine} has no file that it reads")
    for option in sorted(card.vllm.keys() - VLLM_OPTIONS):
        yield Finding("code", f"the vLLM option {option} = {card.vllm[option]!r} is not one that is allowed")
    if card.kind == "chat" and not card.own and card.file("tokenizer") is None:
        # Without it the gateway does not know which texts forge a turn.
        yield Finding("tokenizer", "no tokenizer.json is pinned")


def _tuned(card: ModelCard, today: date | None) -> Iterator[Finding]:
    """Ours: what it was trained on, and the model beneath it, which is held to the same policy."""
    if card.own and not card.data and not card.dummy and not is_toy(card):
        yield Finding("data", "ours, and it does not say what it was trained on")
    if card.adapter and not card.base:
        yield Finding("base", "an adapter must name its base")
    if not card.base:
        return
    base = card.registry.cards.get(card.base)
    if base is None:
        yield Finding("base", f"{card.base} is not in the registry")
    elif base.base:
        yield Finding("base", f"{card.base} is itself tuned from {base.base}: name the model at the bottom")
    else:
        for finding in card_findings(base, today):
            yield Finding("base", f"{card.base} is not approved: {finding.rule}: {finding.detail}")


def _below_frontier(card: ModelCard) -> Iterator[Finding]:
    if is_toy(card) or card.dummy:
        return
    for score in card.scores:
        if not _SOURCE.fullmatch(score.source):
            yield Finding("scores", f"{score.benchmark} = {score.value:g} has no source: {score.source!r}")
    if not card.scores:
        yield Finding("scores", "none")
    policy, best = card.registry.policy, frontier(card.registry)
    shared = [
        (score, best[card.kind, score.benchmark])
        for score in card.scores
        if (card.kind, score.benchmark) in best
    ]
    if not shared and _size(card) >= policy.small_parameters:
        known = ", ".join(sorted(name for kind, name in best if kind == card.kind)) or "none"
        yield Finding("frontier", f"no score on a benchmark of the frontier ({known})")
    for score, top in shared:
        margin = policy.margins.get(score.benchmark, policy.margin)
        if score.value > top.value - margin:
            yield Finding(
                "frontier",
                f"{score.benchmark} = {score.value:g} is not {margin:g} below the {top.value:g}"
                f" of {top.model} ({top.date})",
            )
