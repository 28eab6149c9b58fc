"""Six tasks at one door: chosen by hand or key, tried at once, given a text, narrowed in the list."""

import re

import pytest
from playwright.sync_api import expect

from lemma.tasks import builtin, samples
from tests.e2e.conftest import Opener
from tests.e2e.stack import Stack
from tests.e2e.test_craft import violations

WITH_SAMPLES = [task for task in builtin() if samples(task)]
MESSAGE = "My order 4711 has not come.\nWhere is it? Please call me."


@pytest.mark.parametrize("task", WITH_SAMPLES)
def test_a_sample_is_read_with_one_click_and_opens(open_page: Opener, stack: Stack, task: str) -> None:
    page = open_page()
    page.get_by_role("button", name=f"Try a sample of {stack.titles()[task]}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(samples(task)[0].name)
    expect(page.get_by_text("Export")).to_be_visible()
    expect(page.get_by_role("region", name="Values")).to_be_visible(timeout=180_000)


def test_the_choice_of_a_task_is_in_the_address_and_on_the_keyboard(open_page: Opener, stack: Stack) -> None:
    titles = stack.titles()
    page = open_page("/?task=contracts")
    expect(page.get_by_role("radio", name=titles["contracts"])).to_be_checked()
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name=titles["tickets"])).to_be_checked()
    expect(page).to_have_url(re.compile(r"task=tickets"))
    page.reload()
    expect(page.get_by_role("radio", name=titles["tickets"])).to_be_checked()
    page.get_by_role("radio", name=titles["tickets"]).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=titles["contracts"])).to_be_checked()


def test_a_text_is_pasted_and_read(open_page: Opener) -> None:
    page = open_page("/?task=tickets")
    read = page.get_by_role("button", name="Read the text")
    expect(read).to_be_disabled()
    page.keyboard.press("p")
    page.keyboard.insert_text(MESSAGE)
    expect(page.get_by_text("2 lines")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My order 4711 has not come.txt")
    expect(page.get_by_role("region", name="Values")).to_be_visible(timeout=180_000)
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", name="Customer messages")).to_be_checked()


def test_the_list_is_narrowed_to_a_task(open_page: Opener, stack: Stack) -> None:
    ticket = stack.read_text("tickets", MESSAGE)
    invoice = stack.read_sample("nordlicht-rechnung.pdf")
    page = open_page()
    expect(page.locator(f"[data-run='{ticket['id']}']")).to_contain_text("Customer messages")
    page.get_by_label("Show").select_option("Invoices and receipts")
    expect(page).to_have_url(re.compile(r"only=invoices"))
    expect(page.locator(f"[data-run='{invoice['id']}']")).to_be_visible()
    expect(page.locator(f"[data-run='{ticket['id']}']")).to_have_count(0)
    page = open_page("/?only=tickets")
    expect(page.locator(f"[data-run='{ticket['id']}']")).to_be_visible()
    stack.forget_all()
    page.reload()
    page.get_by_role("button", name="Show all runs").click()
    expect(page).not_to_have_url(re.compile(r"only="))


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_axe_finds_nothing_on_the_page_of_tasks(
    open_page: Opener, stack: Stack, width: int, theme: str
) -> None:
    page = open_page("/?task=tickets", width=width, theme=theme)
    expect(page.get_by_role("radio", name="Customer messages")).to_be_checked()
    expect(page.get_by_label("Or paste the text")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
