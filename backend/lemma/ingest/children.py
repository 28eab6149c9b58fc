"""The two pools of children of this process, started when first needed."""

import os
from functools import cache

from lemma.ingest.process.pool import Pool

_CORES = os.cpu_count() or 1


@cache
def readers() -> Pool:
    """Children that open files."""
    return Pool("read", size=max(2, _CORES), files=100)


@cache
def recognisers() -> Pool:
    """Children that recognise pictures. Each uses up to four cores, so there are few."""
    return Pool("recognise", size=max(1, _CORES // 4), files=1_000)


def close() -> None:
    """Ends the idle children now; they also end with this process."""
    readers().close()
    recognisers().close()
