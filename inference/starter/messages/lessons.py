"""The lessons of the tasks that read messages and other plain text, by name: `tickets.whole` and so on."""

from collections.abc import Mapping

from starter.lesson import Maker

LESSONS: Mapping[str, Maker] = {}
