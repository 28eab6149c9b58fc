"""The pointer grammar: every answer that it allows points at words of the source."""

from lemma.reading.grammar.chunks import chunks, occurrences
from lemma.reading.grammar.lark import build_grammar

__all__ = ["build_grammar", "chunks", "occurrences"]
