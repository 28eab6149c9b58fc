"""The other kinds of values on the page of a run: clauses, labels, cited sentences, a playbook's departures.

The fake engine says something else of each sample, though always the same: a test takes the first that has
what it looks at.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from lemma.tasks import samples
from tests.e2e.conftest import Opener
from tests.e2e.stack import Stack

Cell = dict[str, Any]


def _first(stack: Stack, task: str, wanted: Callable[[Cell], bool]) -> tuple[dict[str, Any], Cell]:
    """The first sample of a task with a cell that is wanted, and that cell."""
    for sample in samples(task):
        run = stack.read_sample(sample.name, task)
        for cell in run["cells"]:
            if wanted(cell):
                return run, cell
    raise AssertionError(f"no sample of {task} has such a cell")


def _clause(cell: Cell) -> bool:
    plain = "[" not in cell["path"] and cell["status"] == "found"
    return cell["kind"] == "clause" and plain and len(cell["evidence"]) > 1


def test_a_clause_is_lit_line_by_line(open_page: Opener, stack: Stack) -> None:
    run, cell = _first(stack, "contracts", lambda each: _clause(each) and not each["evidence"][0]["boxes"])
    page = open_page(f"/runs/{run['id']}")
    row = page.locator(f"[data-cell='{cell['path']}']")
    lines = [each["line"] for each in cell["evidence"]]
    expect(row).to_contain_text(f"Lines {lines[0]}–{lines[-1]}")
    row.click()
    for line in (lines[0], lines[-1]):
        text = "".join(page.locator(f"[data-line='{line}'] [data-lit]").all_text_contents())
        assert text in cell["raw"]
        assert text
    expect(page.locator(f"[data-line='{lines[0]}'] [data-lit]").first).to_be_in_viewport()
    expect(page.get_by_test_id("raw")).to_have_text(cell["raw"])


def test_departures_from_the_playbook_stand_first_and_lead_to_their_clause(
    open_page: Opener, stack: Stack
) -> None:
    def departed(run: dict[str, Any]) -> list[dict[str, Any]]:
        return [rule for rule in run["rules"] if rule["passed"] is False and rule["severity"]]

    run = stack.read_sample(samples("contracts")[0].name, "contracts")
    rules = departed(run)
    assert rules, "an answer at random keeps to no playbook"
    page = open_page(f"/runs/{run['id']}")
    section = page.get_by_role("region", name="Departures from the playbook")
    expect(section.locator("li")).to_have_count(len(rules))
    words = [each.split("\n")[0] for each in section.locator("li").all_inner_texts()]
    assert words == sorted(words, key=["High", "Medium", "Low"].index)
    for rule in rules:
        expect(section).to_contain_text(rule["detail"])
    section.get_by_role("button").first.click()
    expect(page.locator("[data-cell][aria-current=true]")).to_have_count(1)
    expect(page.get_by_test_id("cell-detail")).to_contain_text("playbook")


def test_each_label_of_several_is_a_value(open_page: Opener, stack: Stack) -> None:
    run, _ = _first(stack, "tickets", lambda each: each["path"] == "topics[0]")
    page = open_page(f"/runs/{run['id']}")
    labels = [each for each in run["cells"] if each["path"].startswith("topics[")]
    for cell in labels:
        expect(page.locator(f"[data-cell='{cell['path']}']")).to_be_visible()
    last = labels[-1]
    page.locator(f"[data-cell='{last['path']}']").click()
    expect(page.get_by_test_id("cell-detail")).to_contain_text(str(len(labels)))


def test_a_sentence_leads_to_the_line_that_it_cites(open_page: Opener, stack: Stack) -> None:
    def cites(cell: Cell) -> bool:
        return any(each["lines"] for each in cell["signals"].get("sentences", ()))

    run, cell = _first(stack, "tickets", cites)
    line = next(each["lines"][0] for each in cell["signals"]["sentences"] if each["lines"])
    passages = {each["number"]: each["name"] for each in run["pages"] if each["kind"] == "passage"}
    page = open_page(f"/runs/{run['id']}")
    page.locator(f"[data-cite='{line}']").first.click()
    expect(page.locator("[data-lit]")).to_have_count(1)
    lit = page.locator(f"[data-line='{line}'] [data-lit]")
    expect(lit).to_be_in_viewport()
    number = next(each["page"] for each in run["source"]["lines"] if each["id"] == line)
    if number in passages:
        expect(page.locator(f"[data-page='{number}']")).to_contain_text("from your own documents")
        expect(page.locator(f"[data-page='{number}']")).to_contain_text(passages[number])
