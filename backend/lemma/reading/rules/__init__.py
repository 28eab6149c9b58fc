"""Rules: checks that code makes on the cells of a run, with exact arithmetic and a sentence for each.

A rule that cannot be applied says so (`passed` is None) and never passes by default.
"""

from lemma.reading.rules.apply import apply_rules

__all__ = ["apply_rules"]
