"""Building the pointer grammar for documents of 40, 120 and 400 lines, and compiling it."""

from collections.abc import Callable
from functools import partial

from llguidance import LLMatcher, LLTokenizer

from lemma.ingest import ingest
from lemma.reading.grammar import build_grammar
from lemma.reading.source import Line
from lemma.tasks import task
from tests.bench.files import long_pdf
from tests.bench.measure import Measure, best_times


def _ten(task: Callable[[], None]) -> None:
    for _ in range(10):
        task()


def measures() -> list[Measure]:
    """Milliseconds each; there is no peer."""
    fields = task("invoices").fields
    every = ingest(long_pdf(10)).source.lines
    tokenizer = LLTokenizer("byte")
    found = []
    for n in (40, 120, 400):
        lines = every[:n]
        grammar = build_grammar(fields, lines)

        def build(lines: tuple[Line, ...] = lines) -> None:
            build_grammar(fields, lines)

        def compile_(grammar: str = grammar) -> None:
            LLMatcher(tokenizer, LLMatcher.grammar_from_lark(grammar)).compute_logit_bias()

        # Processor time is counted in hundredths of a second, so each is done ten times.
        building, compiling = best_times([partial(_ten, build), partial(_ten, compile_)], rounds=2)
        found.append(Measure(f"grammar: {n} lines, text", building * 100, "ms", n))
        found.append(Measure(f"grammar: {n} lines, compiled to a first mask", compiling * 100, "ms", n))
    return found
