"""Invented paper: every mark stands at its words, whatever form the document takes."""

from collections.abc import Callable
from random import Random

import pytest

from lemma.reading.grammar import occurrences
from starter.documents import invoice, mix
from starter.documents.broadcast import page as broadcast
from starter.documents.drawn import Drawn
from starter.documents.facts import invent
from starter.documents.paper import Found, Paper, Said, develop
from starter.documents.plain import flattened, torn
from starter.documents.till import slip
from starter.documents.values import spell

MAKERS: dict[str, Callable[[Random], Drawn]] = {
    "invoice": invoice.whole,
    "receipt": slip.receipt,
    "broadcast": broadcast.broadcast,
}
KINDS = sorted([*MAKERS, *mix.FORMS])


def draw(kind: str, rng: Random) -> Drawn:
    return MAKERS[kind](rng) if kind in MAKERS else mix.FORMS[kind](rng, invent(rng, "invoice", 4))


def documents(kind: str, count: int = 20) -> list[Drawn]:
    return [draw(kind, Random(f"paper {kind} {number}")) for number in range(count)]


def paper() -> Paper:
    """Two labelled values side by side, and one of them again without a label."""
    made = Paper(Random(1), 300, 200)
    made.write(150, 20, Said("7755", (("number",),), weak=True))
    made.layer = 1
    made.write(10, 40, ("Number: ", Said("7755", (("number",),))))
    made.layer = 0
    made.write(150, 40, ("Total ", Said("12.50", (("total",),))))
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_marks_stand_in_their_lines_as_whole_pieces(kind: str) -> None:
    for drawn in documents(kind):
        source = drawn.found.source
        clean = {page.kind for page in source.pages} != {"ocr"}
        assert drawn.found.runs.keys() == drawn.found.spots.keys()
        for path, spots in drawn.found.spots.items():
            for spot in spots:
                line = source.line(spot.line).text
                assert spot.start is not None
                assert line[spot.start : spot.start + len(spot.text)] == spot.text
                if clean and kind != "receipt":  # Transcriptions of receipts have errors too.
                    assert spot.start in occurrences(line, spot.text), (path, spot, line)


@pytest.mark.parametrize("kind", KINDS)
def test_every_occurrence_of_a_clean_value_says_the_same(kind: str) -> None:
    for drawn in documents(kind):
        if any(page.kind == "ocr" for page in drawn.found.source.pages) or kind == "receipt":
            continue
        for name in ("number", "iban", "order_number", "customer_number", "issue_date", "period_start"):
            said = {"".join(run.text for run in runs) for runs in drawn.found.runs.get((name,), [])}
            assert len(said) <= 1, (name, said)


def test_the_same_seed_draws_the_same_document() -> None:
    for kind in KINDS:
        first, again = documents(kind, 3), documents(kind, 3)
        assert [d.found.source.lines for d in first] == [d.found.source.lines for d in again]


def test_an_unlabelled_occurrence_is_answered_last() -> None:
    found = develop(paper())
    assert [[run.line for run in runs] for runs in found.runs["number",]] == [[2], [1]]


def test_flat_text_keeps_lines_and_narrows_gaps() -> None:
    lines = [line.text for line in flattened(paper(), 1).source.lines]
    assert lines == ["7755", "Number: 7755 Total 12.50"]
    assert [page.kind for page in flattened(paper(), 2).source.pages] == ["plain"]


def test_a_torn_text_layer_has_its_own_order_and_the_same_values() -> None:
    found = torn(paper())
    assert [line.text for line in found.source.lines] == ["7755", "Total 12.50", "Number: 7755"]
    assert found.runs["number",][0][0].line == 3
    assert _words(found) == _words(develop(paper()))


def _words(found: Found) -> list[str]:
    return sorted(word for line in found.source.lines for word in line.text.split())


def test_a_window_is_small_and_knows_only_itself() -> None:
    rng = Random(3)
    for drawn in documents("broadcast"):
        most = rng.randint(300, 1500)
        first, last = mix.window(rng, drawn.found, most)
        lines = drawn.found.source.lines[first - 1 : last]
        assert len(lines) == 1 or sum(len(line.text) for line in lines) <= most
        seen = mix.within(drawn.found, first, last)
        assert all(
            first <= run.line <= last for copies in seen.runs.values() for runs in copies for run in runs
        )
        assert all(first <= spot.line <= last for spots in seen.spots.values() for spot in spots)


def test_designs_held_out_are_never_drawn_for_training() -> None:
    rng = Random(5)
    for design in (broadcast.design, slip.shape):
        trained = {design(rng, held_out=False) for _ in range(1500)}
        kept = {design(rng, held_out=True) for _ in range(200)}
        assert len(kept) > 5
        assert not trained & kept


def test_patterns_are_spelled() -> None:
    made = spell(Random(2), "A-^#@ {call} {name}", call="KXYZ")
    head, call, name = made.split(" ")
    assert head[:2] == "A-"
    assert head[2] in "123456789"
    assert head[3].isdigit()
    assert head[4].isupper()
    assert (call, name) == ("KXYZ", name.capitalize())
