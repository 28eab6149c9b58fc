"""Both themes, narrow screens, and nothing that axe would report."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opener
from tests.e2e.stack import ROOT, Stack

AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
SAMPLE = "nordlicht-rechnung.pdf"


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe reports about a page: the rule and the elements."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        {"rule": each["id"], "nodes": [n["html"][:200] for n in each["nodes"]]}
        for each in found["violations"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Opener, stack: Stack, width: int, theme: str
) -> None:
    run = stack.read_sample(SAMPLE)
    page = open_page("/", width=width, theme=theme)
    expect(page.locator("[data-run]").first).to_be_visible()
    assert violations(page) == []
    page.locator(f"[data-run='{run['id']}'] a").click()
    expect(page.locator("[data-cell]").first).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_test_id("cell-detail")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_on_a_narrow_screen_the_page_stands_above_its_cells(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(SAMPLE)
    page = open_page(f"/runs/{run['id']}", width=390)
    sheet = page.get_by_alt_text("Page 1 of the document").bounding_box()
    cells = page.get_by_role("region", name="Values").bounding_box()
    assert sheet is not None
    assert cells is not None
    assert sheet["y"] < cells["y"]
    assert sheet["width"] > 340


def test_a_chosen_theme_stays(open_page: Opener) -> None:
    page = open_page("/")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.reload()
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light


def test_an_address_that_leads_nowhere_says_so(open_page: Opener) -> None:
    page = open_page("/nowhere")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page = open_page("/runs/00000000-0000-7000-8000-000000000000")
    expect(page.get_by_role("alert")).to_contain_text("There is no such run")
