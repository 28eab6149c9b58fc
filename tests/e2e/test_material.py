"""What a customer brings to a task, by hand: saved, refused with the line, given up again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Opener
from tests.e2e.stack import Stack
from tests.e2e.test_craft import violations

TICKETS = "/tasks/tickets/material"
RETURNS = "# Returns\n\nYou may send goods back within 30 days. We pay the postage.\n"


@pytest.fixture(autouse=True)
def _nothing_of_ones_own(stack: Stack) -> Iterator[None]:
    yield
    for task in ("tickets", "contracts"):
        material = f"/v1/tasks/{task}/material"
        stack.http.put(material, json={"lists": None, "playbook": None, "examples": None}).raise_for_status()
        files = stack.http.get(f"/v1/tasks/{task}/passages").raise_for_status().json()
        for file in files["items"] if files["own"] else []:
            stack.http.delete(f"/v1/tasks/{task}/passages/{file['id']}").raise_for_status()


def test_topics_are_edited_as_lines(open_page: Opener, stack: Stack) -> None:
    page = open_page("/?task=tickets")
    page.get_by_role("link", name="Read with your topics and help pages").click()
    section = page.get_by_role("region", name="Topics")
    expect(section).to_contain_text("Sample company")
    labels = section.get_by_label("Labels of Topics")
    save = section.get_by_role("button", name="Save")
    expect(save).to_be_disabled()

    labels.fill("delivery\n\nrefund | Money back | refund\ndelivery")
    save.click()
    expect(section.get_by_role("alert")).to_contain_text("listed twice")
    labels.fill("delivery\n\n-")
    save.click()
    expect(section.get_by_role("alert")).to_contain_text("Line 3:")

    labels.fill("delivery\n\nrefund | Money back | refund, money back")
    save.click()
    expect(section).to_contain_text("Yours")
    expect(section.get_by_role("alert")).to_have_count(0)
    expect(labels).to_have_value("delivery\nrefund | Money back | refund, money back")
    page.reload()
    expect(labels).to_have_value("delivery\nrefund | Money back | refund, money back")
    run = stack.read_text("tickets", "Where is my parcel?")
    topics = {cell["value"] for cell in run["cells"] if cell["path"].startswith("topics")}
    assert topics <= {"delivery", "refund", None}

    section.get_by_role("button", name="Use the sample company's").click()
    expect(section).to_contain_text("Sample company")


def test_files_of_passages_come_and_go(open_page: Opener, tmp_path: Path) -> None:
    good, broken = tmp_path / "returns.md", tmp_path / "broken.pdf"
    good.write_text(RETURNS)
    broken.write_bytes(b"%PDF-1.7 broken")
    page = open_page(TICKETS)
    section = page.get_by_role("region", name="Documents to look things up in")
    expect(section).to_contain_text("Sample company")
    choose = section.get_by_label("Files of passages").first
    choose.set_input_files([good, broken])
    expect(section.get_by_role("alert")).to_contain_text("Nothing was added")
    choose.set_input_files(good)
    row = section.locator("[data-passages='returns.md']")
    expect(row).to_contain_text("1 passage")
    expect(section).to_contain_text("Yours")
    row.get_by_role("button", name="Show the passages of returns.md").click()
    expect(row).to_contain_text("You may send goods back within 30 days. We pay the postage.")
    row.get_by_role("button", name="Delete returns.md").click()
    expect(row).to_have_count(0)
    expect(section).to_contain_text("Sample company")


def test_a_playbook_that_cannot_be_used_says_in_which_line(open_page: Opener) -> None:
    page = open_page("/tasks/contracts/material")
    section = page.get_by_role("region", name="Playbook")
    editor = section.get_by_label("Playbook as TOML")
    ours = editor.input_value()
    assert "[[position]]" in ours
    editor.fill('title = "Mine"\n\n[[position]]\nfield = "nonsense"\nmust = "be there"\n')
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("alert")).to_contain_text("Line 5:")
    section.get_by_role("button", name="Discard").click()
    expect(editor).to_have_value(ours)
    expect(section.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_on_the_page_of_material(open_page: Opener, width: int, theme: str) -> None:
    for path, part in ((TICKETS, "Topics"), ("/tasks/contracts/material", "Playbook")):
        page = open_page(path, width=width, theme=theme)
        expect(page.get_by_role("region", name=part)).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
