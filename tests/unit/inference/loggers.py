"""Logging is one for the whole process; a test that changes it puts it back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def logging_kept() -> Iterator[list[logging.Logger]]:
    """All loggers that there are, the root first, at no level of their own; afterwards as they were. Other
    tests may have left them with any."""
    root = logging.getLogger()
    known = [one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    before = [(one, one.level, one.propagate, one.disabled, list(one.handlers)) for one in (root, *known)]
    complains = logging.raiseExceptions
    for one in known:
        one.setLevel(logging.NOTSET)
        one.disabled = False
    try:
        yield [root, *known]
    finally:
        logging.raiseExceptions = complains
        for one, level, propagate, disabled, handlers in before:
            one.setLevel(level)
            one.propagate, one.disabled = propagate, disabled
            one.handlers[:] = handlers
