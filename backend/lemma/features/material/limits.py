"""How much material a task keeps of one organisation: all of it is searched for each run."""

from dataclasses import dataclass

from lemma.features.material.errors import TooMuchMaterial


@dataclass(frozen=True, slots=True)
class MaterialLimits:
    """`labels` of one list and `label` characters of each; `files`, `passages` and `characters` of passages
    of one task; `file_bytes` of one file of passages; `playbook` characters; `examples` and characters of
    one `example`."""

    lists: int = 20
    labels: int = 1_000
    label: int = 200
    playbook: int = 200_000
    examples: int = 20_000
    example: int = 20_000
    files: int = 500
    file_bytes: int = 10 * 1024 * 1024
    passages: int = 5_000
    characters: int = 3_000_000


LIMITS = MaterialLimits()


def within(count: int, limit: int, sentence: str) -> None:
    """Raises TooMuchMaterial with this sentence, where `{limit}` stands for the limit."""
    if count > limit:
        raise TooMuchMaterial(sentence.replace("{limit}", f"{limit:,}"), limit=limit)
