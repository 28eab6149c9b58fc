"""Which part of a labelled set a record belongs to: for training, or for testing.

One rule for everyone (the trainer, the choices by example, the reports), so that nothing that was trained on
is ever scored. Whole issuers, shops, merchants, meeting series and projects fall on one side, because two
pages of one issuer are nearly one page. Records without such a group are told apart by their own text.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Literal

Part = Literal["train", "test"]
TENTHS_FOR_TESTING = 3

# The first of these that a record's `meta` has names its group.
GROUPS = ("group", "merchant_group", "project", "series")


def part_of(dataset: str, group: str) -> Part:
    """Three tenths of the groups of a set are for testing. Depends on the two names and on nothing else."""
    digest = hashlib.sha256(f"train-test|{dataset}|{group}".encode()).hexdigest()
    return "test" if int(digest[:8], 16) % 10 < TENTHS_FOR_TESTING else "train"


def group_of(record: Mapping[str, Any]) -> str:
    """The group of a record of `data.jsonl`: named in `meta`, else its seller, else its own text."""
    meta = record.get("meta") or {}
    for key in GROUPS:
        if meta.get(key):
            return str(meta[key])
    expected = record.get("expected") or {}
    seller = expected.get("seller")
    if isinstance(seller, Mapping) and seller.get("name"):
        return "seller " + re.sub(r"\W+", "", str(seller["name"]).casefold())
    text = record.get("question") or record.get("text") or record.get("input_file") or record.get("id")
    return hashlib.sha256(" ".join(str(text).casefold().split()).encode()).hexdigest()[:16]


def part_of_record(dataset: str, record: Mapping[str, Any]) -> Part:
    """The part of one record: `part_of` its group."""
    return part_of(dataset, group_of(record))
