"""A run that is done: page and cells, and the words of a cell lit where they stand."""

from playwright.sync_api import expect

from tests.e2e.conftest import Opener
from tests.e2e.places import covers, lit_on_image, on_sheet, words_in_pdf
from tests.e2e.stack import Stack
from tests.e2e.test_upload import sample

PDF, MAIL, E_INVOICE = "nordlicht-rechnung.pdf", "krummer-loeffel-bestellung.eml", "wolkenkran-facturx.pdf"


def test_the_lit_box_covers_the_very_words_on_the_page(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(PDF)
    cells = lit_on_image(run)[:4]
    assert cells
    page = open_page(f"/runs/{run['id']}")
    for cell in cells:
        page.locator(f"[data-cell='{cell['path']}']").click()
        expect(page.get_by_test_id("raw")).to_have_text(cell["raw"])
        number = cell["evidence"][0]["page"]
        lit = page.locator("[data-lit]")
        expect(lit).to_have_count(1)
        expect(lit).to_be_in_viewport()
        image = page.get_by_alt_text(f"Page {number} of the document")
        expect(image).to_be_visible()
        mark = on_sheet(lit, image)
        words = words_in_pdf(sample(PDF), number, cell["raw"])
        assert any(covers(mark, each) for each in words), (cell["raw"], mark, words)


def test_page_and_cell_point_at_each_other(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(PDF)
    path = lit_on_image(run)[0]["path"]
    page = open_page(f"/runs/{run['id']}")
    cell, mark = page.locator(f"[data-cell='{path}']"), page.locator(f"[data-mark='{path}']")
    before = mark.first.evaluate("each => getComputedStyle(each).outlineStyle")
    cell.hover()
    assert mark.first.evaluate("each => getComputedStyle(each).outlineStyle") != before
    mark.first.click(force=True)
    expect(page.locator("[data-cell][aria-current=true]")).to_have_count(1)
    expect(page.get_by_test_id("cell-detail")).to_be_visible()
    assert "cell=" in page.url


def test_a_link_to_a_cell_opens_with_its_words_lit(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(PDF)
    path = lit_on_image(run)[0]["path"]
    page = open_page(f"/runs/{run['id']}?cell={path}")
    expect(page.locator("[data-lit]").first).to_be_in_viewport()


def test_a_document_without_pages_shows_its_numbered_lines(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(MAIL)
    cell = next(each for each in run["cells"] if each["status"] == "found" and len(each["evidence"]) == 1)
    page = open_page(f"/runs/{run['id']}")
    page.locator(f"[data-cell='{cell['path']}']").click()
    lit = "".join(page.locator("[data-lit]").all_text_contents())
    assert lit == cell["raw"]
    line = page.locator(f"[data-line='{cell['evidence'][0]['line']}']")
    expect(line.locator("[data-lit]").first).to_be_in_viewport()


def test_rows_stand_in_a_table_with_their_sum(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(E_INVOICE)
    page = open_page(f"/runs/{run['id']}")
    table = page.get_by_role("table", name="Lines")
    rows = {cell["path"].split("]")[0] for cell in run["cells"] if cell["path"].startswith("lines[")}
    expect(table.locator("tbody tr")).to_have_count(len(rows))
    expect(table.get_by_role("row", name="Sum of the rows")).to_be_visible()
    page.get_by_text("passed").click()
    expect(page.get_by_label("Passed").first).to_be_visible()


def test_the_keyboard_alone_is_enough(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(E_INVOICE)
    page = open_page()
    keys = page.keyboard
    link = page.locator(f"[data-run='{run['id']}'] a")
    expect(link).to_be_visible()
    page.on("filechooser", lambda chooser: None)
    page.wait_for_timeout(300)  # The browser learns that dialogs are caught, and has no word back for it;
    page.evaluate("0")  # but it has learned before it answers this.
    with page.expect_file_chooser():
        keys.press("u")
    for _ in range(page.locator("[data-run]").count()):
        keys.press("j")
        if link.evaluate("each => each === document.activeElement"):
            break
    expect(link).to_be_focused()
    keys.press("Enter")
    current = page.locator("[data-cell][aria-current=true]")
    expect(page.locator("[data-cell]").first).to_be_visible()
    keys.press("j")
    first = current.get_attribute("data-cell")
    keys.press("j")
    second = current.get_attribute("data-cell")
    keys.press("k")
    assert first != second
    expect(current).to_have_attribute("data-cell", first or "")
    keys.press("]")
    expect(page.get_by_test_id("page-of")).to_have_text("2 / 2")
    keys.press("+")
    expect(page.get_by_text("125%")).to_be_visible()
    keys.press("0")
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys and signs")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    keys.press("Escape")
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()


def test_the_key_for_doubt_stops_at_each_value_in_doubt(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(PDF)
    doubt = [each["path"] for each in run["cells"] if each["status"] in ("unreadable", "conflicting")]
    assert doubt, "The fake engine points at random words, so that some cannot be read."
    page = open_page(f"/runs/{run['id']}")
    expect(page.locator("[data-cell]").first).to_be_visible()
    seen = set()
    for _ in range(len(doubt) + len(run["rules"])):
        page.keyboard.press("n")
        seen.add(page.locator("[data-cell][aria-current=true]").get_attribute("data-cell"))
    assert set(doubt) <= seen


def test_results_leave_as_files(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(PDF)
    page = open_page(f"/runs/{run['id']}")
    for item, ending in (
        ("Values as CSV", ".csv"),
        ("Values with proof as JSON", ".json"),
        ("Original document", ".pdf"),
    ):
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=item).click()
        assert download.value.suggested_filename.endswith(ending)
