"""Playbook: a customer's positions on what documents may say, and how a document departs from them.

Code compares, exactly, and says that it cannot tell where the words do not settle it. No model takes part.
"""

from lemma.reading.playbook.check import deviations
from lemma.reading.playbook.load import read_playbook, unknown_fields
from lemma.reading.playbook.model import Playbook, Position

__all__ = ["Playbook", "Position", "deviations", "read_playbook", "unknown_fields"]
