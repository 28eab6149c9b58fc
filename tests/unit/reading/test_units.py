"""Documents are cut into the entries of a statement and the questions of a questionnaire, always alike."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma.reading.schema.model import Each
from lemma.reading.source import Box, Line, Word
from lemma.reading.units import unit_source, unit_task, units
from tests.unit.reading.making import source, task


def cut(text: str, each: Each) -> list[tuple[str, str]]:
    """The context and the lines of each unit, joined by " / "."""
    lines = source(*[row.strip() for row in textwrap.dedent(text).strip().splitlines()]).lines
    return [
        (
            " / ".join(lines[n - 1].text for n in unit.context),
            " / ".join(lines[n - 1].text for n in unit.lines),
        )
        for unit in units(lines, each)
    ]


BRITISH = """
    Northgate Bank plc   Statement of account
    Sort code 20-11-33  Account 12345678
    Date        Description                  Money out   Money in   Balance
    01 Mar 2026  Balance brought forward                            1,200.00
    02 Mar 2026  CARD PAYMENT TESCO 3345         23.40              1,176.60
    REF 8832
    DIRECT DEBIT BRITISH GAS                     80.00              1,096.60
    04 Mar 2026  REFUND AMAZON                             12.00    1,108.60
    Closing balance 1,108.60
    Page 1 of 2
"""
GERMAN = """
    Kontoauszug Nr. 3/2026
    Buchungstag  Wertstellung  Verwendungszweck  Betrag  Währung
    01.03.  02.03.  REWE SAGT DANKE 4432  54,20-
    02.03.  02.03.  TOTAL ENERGIES TANKSTELLE  70,00-
    Endsaldo  31.03.2026   1.000,00+
"""


def test_the_entries_of_a_statement() -> None:
    titles = "Date        Description                  Money out   Money in   Balance"
    assert cut(BRITISH, "line") == [
        (titles, "02 Mar 2026  CARD PAYMENT TESCO 3345         23.40              1,176.60 / REF 8832"),
        (titles, "DIRECT DEBIT BRITISH GAS                     80.00              1,096.60"),
        (titles, "04 Mar 2026  REFUND AMAZON                             12.00    1,108.60"),
    ]
    assert [own for _, own in cut(GERMAN, "line")] == [
        "01.03.  02.03.  REWE SAGT DANKE 4432  54,20-",
        "02.03.  02.03.  TOTAL ENERGIES TANKSTELLE  70,00-",
    ]


def test_a_date_may_stand_lines_above_its_amount() -> None:
    text = """
        03/14/2026  CHECKCARD 0313
        BLUE BOTTLE COFFEE OAKLAND CA
        -4.50
        03/15/2026  ZELLE TO ANNA  -20.00
    """
    assert [own for _, own in cut(text, "line")] == [
        "03/14/2026  CHECKCARD 0313 / BLUE BOTTLE COFFEE OAKLAND CA / -4.50",
        "03/15/2026  ZELLE TO ANNA  -20.00",
    ]


def test_a_list_without_dates_has_a_unit_for_each_line() -> None:
    assert cut("Description  Amount\nSTAPLES 0012  9.99\nUBER TRIP\nTotal 9.99", "line") == [
        ("Description  Amount", "STAPLES 0012  9.99"),
        ("Description  Amount", "UBER TRIP"),
    ]


def test_a_line_that_is_set_in_goes_on_its_entry() -> None:
    def boxed(number: int, left: float, text: str) -> Line:
        return Line(number, 1, text, (Word(0, len(text), Box(left, number / 10, 0.9, number / 10 + 0.05)),))

    lines = [
        boxed(1, 0.1, "02.03.2026 LASTSCHRIFT 10,00-"),
        boxed(2, 0.2, "Stadtwerke Abschlag"),
        boxed(3, 0.1, "Bitte beachten Sie die Rückseite"),
        boxed(4, 0.1, "03.03.2026 GUTSCHRIFT 20,00+"),
    ]
    assert [unit.lines for unit in units(lines, "line")] == [(1, 2), (4,)]


QUESTIONS = """
    Supplier security questionnaire
    Please answer all questions.
    1 Governance
    1.1 Do you have an information security policy that is approved by
    management and reviewed yearly?
    Yes  No  Comment
    1.2 Describe your incident process.
    2 Data protection
    2.1 Is data encrypted at rest? If yes, please name the algorithm.
    2.2 Where is data stored
    Is there a deputy?
    How many sub-processors do
    you use for hosting customer data?
"""


def test_the_questions_of_a_questionnaire() -> None:
    assert cut(QUESTIONS, "question") == [
        (
            "1 Governance",
            "1.1 Do you have an information security policy that is approved by "
            "/ management and reviewed yearly?",
        ),
        ("1 Governance", "1.2 Describe your incident process."),
        ("2 Data protection", "2.1 Is data encrypted at rest? If yes, please name the algorithm."),
        ("2 Data protection", "2.2 Where is data stored"),
        ("2 Data protection", "Is there a deputy?"),
        ("2 Data protection", "How many sub-processors do / you use for hosting customer data?"),
    ]


def test_the_questions_of_a_table_and_bare_statements() -> None:
    assert [
        own
        for _, own in cut("ID  Question  Answer\nAC-01  Is MFA enforced?\nAC-02  Name the owner", "question")
    ] == [
        "AC-01  Is MFA enforced?",
        "AC-02  Name the owner",
    ]
    statements = "The party shall not reverse engineer.\nNo licence is granted."
    assert [own for _, own in cut(statements, "question")] == statements.split("\n")


@pytest.mark.parametrize("each", ["line", "question"])
def test_a_thousand_units_in_order(each: Each) -> None:
    rows = [
        f"{n % 28 + 1:02}.03.2026  SHOP {n}  {n}.50" if each == "line" else f"{n} Do you keep to rule {n}?"
        for n in range(1, 1001)
    ]
    found = units(source(*rows).lines, each)
    assert [unit.lines for unit in found] == [(n,) for n in range(1, 1001)]


LINES = st.lists(
    st.text(alphabet="aB1.,-? \t€ü", max_size=30).map(str.strip)
    | st.sampled_from(["01.02.2026  X  1,00", "1.1 Is it?", "Date  Amount", "Yes  No", "2 Security"]),
    max_size=25,
)


@given(LINES, st.sampled_from(["line", "question"]))
def test_every_line_is_in_one_unit_at_most_and_order_is_kept(texts: list[str], each: Each) -> None:
    lines = source(*[text for text in texts if text]).lines
    found = units(lines, each)
    own = [number for unit in found for number in unit.lines]
    assert own == sorted(set(own))
    assert all(unit.lines for unit in found)
    assert all(set(unit.context).isdisjoint(own) for unit in found)
    assert found == units(lines, each)


def test_a_unit_is_a_small_task_on_a_small_source() -> None:
    asked = task("""
        [[field]]
        name = "rows"
        kind = "rows"
        each = "line"
        passages = 2
        [[field.column]]
        name = "entry"
        kind = "quote"
        given = true
        [[field.column]]
        name = "sum"
        kind = "amount"
        [[field.column]]
        name = "why"
        kind = "clause"
        source = "passages"
    """)
    small = unit_task(asked, asked.field("rows"))
    assert [(field.name, field.passages) for field in small.fields] == [("sum", 0), ("why", 2)]
    shown = unit_source(source("a", "b", "c").lines[1:])
    assert [(line.id, line.text) for line in shown.lines] == [(1, "b"), (2, "c")]
    with pytest.raises(ValueError, match="units"):
        units([], "")


@pytest.mark.parametrize("piece", ["1 ", "1.", "?)", "111 ", "01.01.", "a ", "-"])
def test_a_line_without_an_end_is_cut_in_time(piece: str) -> None:
    lines = source(*[piece.strip() + piece * 40_000] * 2).lines
    for each in ("line", "question"):
        assert len(units(lines, each)) <= 2
