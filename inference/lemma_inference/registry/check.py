"""May this model be served? The card and the files together: every breach is told with its value."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

from lemma_inference.errors import ModelRefused
from lemma_inference.registry.cards import ModelCard
from lemma_inference.registry.files import file_findings
from lemma_inference.registry.policy import Finding, card_findings


class Places(Protocol):
    """Where things lie; the settings are one."""

    @property
    def models_file(self) -> Path: ...
    @property
    def models_folder(self) -> Path: ...


def local_folder(card: ModelCard, places: Places) -> Path:
    """The folder that the paths of the card's files are relative to."""
    if card.own:
        return places.models_file.parent
    return places.models_folder / card.id / card.revision


def check(
    card: ModelCard, folder: Path, base_folder: Path | None = None, today: date | None = None
) -> list[Finding]:
    """All breaches; empty where the model may be served. `folder` is `local_folder`'s; `base_folder` that of
    the model under an adapter, by default the same."""
    findings = card_findings(card, today) + file_findings(card, folder)
    base = card.registry.cards.get(card.base) if card.adapter else None
    if base is not None and base is not card:
        beneath = base_folder if base_folder is not None else _beside(card, base, folder)
        findings += [
            Finding("base", f"{base.id}: {finding.rule}: {finding.detail}")
            for finding in file_findings(base, beneath)
        ]
    return findings


def require(card: ModelCard, folder: Path, base_folder: Path | None = None) -> None:
    """Raises `ModelRefused` where there is a breach; its sentence names all of them."""
    _refuse(card, check(card, folder, base_folder))


def check_in(card: ModelCard, places: Places) -> list[Finding]:
    """`check` of the files where the settings say that they are."""
    base = card.registry.cards.get(card.base)
    return check(card, local_folder(card, places), local_folder(base, places) if base else None)


def require_in(card: ModelCard, places: Places) -> None:
    """`require` of the files where the settings say that they are."""
    _refuse(card, check_in(card, places))


def _refuse(card: ModelCard, findings: list[Finding]) -> None:
    if not findings:
        return
    rest = "".join(f"; {finding.rule}: {finding.detail}" for finding in findings[1:])
    raise ModelRefused(
        f"Model {card.id!r}: {findings[0].detail}{rest}.",
        rule=findings[0].rule,
        model=card.id,
        findings=[{"rule": finding.rule, "detail": finding.detail} for finding in findings],
    )


def _beside(card: ModelCard, base: ModelCard, folder: Path) -> Path:
    """Where the base of an adapter lies if both are kept alike."""
    if card.own == base.own:
        return folder if card.own else folder.parent.parent / base.id / base.revision
    return folder / base.id / base.revision


# "known": it stands in the registry and may not be served. "not fetched": its card keeps every rule.
Verdict = Literal["approved", "refused", "known", "not fetched"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of a model. `fetched` is whether any of its files is here."""

    card: ModelCard
    verdict: Verdict
    fetched: bool
    findings: list[Finding]


def report(card: ModelCard, places: Places, folder: Path | None = None, *, read: bool = True) -> Report:
    """Judges a model: by its card alone where its files are not here or not to be read."""
    folder = folder or local_folder(card, places)
    fetched = any((folder / file.path).exists() for file in card.files)
    base = card.registry.cards.get(card.base)
    if read and (fetched or card.own):
        findings = check(card, folder, local_folder(base, places) if base else None)
    else:
        findings = card_findings(card)
    if any(finding.rule not in ("known", "unpinned") for finding in findings):
        # A known model may lack more than its hashes; that is why it is only known.
        return Report(card, "known" if card.known and not fetched else "refused", fetched, findings)
    if findings:
        return Report(card, "known", fetched, findings)
    return Report(card, "approved" if fetched or card.own else "not fetched", fetched, findings)
