"""From a file in hand to a run that is done, or to a sentence that says why not."""

from pathlib import Path

from playwright.sync_api import expect
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from lemma.tasks import samples
from tests.e2e.conftest import Opener
from tests.e2e.stack import Stack

SAMPLE = "nordlicht-rechnung.pdf"


def sample(name: str) -> Path:
    """The file of one of our samples."""
    return next(each.path for each in samples("invoices") if each.name == name)


def test_a_dropped_file_is_read_and_opens(open_page: Opener) -> None:
    page = open_page()
    page.get_by_label("Files to read").set_input_files(sample(SAMPLE))
    row = page.locator("[data-run]", has_text=SAMPLE).first
    expect(row).to_be_visible()
    expect(row.get_by_role("progressbar").or_(row.get_by_text("values found"))).to_have_count(1)
    expect(row).to_have_attribute("data-state", "done", timeout=180_000)
    expect(row).to_contain_text("1 page")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAMPLE)
    expect(page.get_by_alt_text("Page 1 of the document")).to_be_visible()
    expect(page.locator("[data-cell]").first).to_be_visible()


def test_files_dropped_anywhere_or_pasted_are_taken(open_page: Opener, stack: Stack) -> None:
    page = open_page()
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    expect(page.get_by_role("radio", name="Invoices and receipts")).to_be_checked()
    script = """(how) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["Invoice R-1\\nTotal 12.00\\n"], how + ".txt", { type: "text/plain" }));
      if (how === "pasted") {
        window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
      } else {
        window.dispatchEvent(new DragEvent("dragenter", { dataTransfer: transfer }));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
      }
    }"""
    for how in ("dropped", "pasted"):
        page.evaluate(script, how)
        row = page.locator("[data-run]", has_text=f"{how}.txt")
        expect(row).to_have_attribute("data-state", "done", timeout=180_000)


def test_a_file_that_cannot_be_read_says_why(open_page: Opener, tmp_path: Path) -> None:
    locked, empty = tmp_path / "locked.pdf", tmp_path / "empty.pdf"
    canvas = Canvas(str(locked), encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(100, 700, "Invoice")
    canvas.save()
    empty.write_bytes(b"")
    page = open_page()
    page.get_by_label("Files to read").set_input_files([locked, empty])
    for name, word in (("locked.pdf", "password"), ("empty.pdf", "empty")):
        row = page.locator("[data-run]", has_text=name)
        expect(row).to_have_attribute("data-state", "failed", timeout=180_000)
        expect(row).to_contain_text(word)
    page.locator("[data-run]", has_text="locked.pdf").get_by_role("link").click()
    expect(page.get_by_role("alert")).to_contain_text("password")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_with_nothing_there_yet_the_page_teaches_and_offers_a_sample(open_page: Opener, stack: Stack) -> None:
    stack.forget_all()
    page = open_page()
    expect(page.get_by_text("Drop documents here")).to_be_visible()
    expect(page.get_by_role("heading", name="Runs")).to_have_count(0)
    page.get_by_text("No document at hand?").locator("..").get_by_role("button").first.click()
    expect(page.locator("[data-cell]").first).to_be_visible(timeout=180_000)
    page.keyboard.press("Escape")
    row = page.locator("[data-run]")
    expect(row).to_have_count(1)
    expect(row).to_have_attribute("data-state", "done")


def test_a_removed_run_can_be_brought_back(open_page: Opener, stack: Stack) -> None:
    run = stack.read_sample(SAMPLE)
    page = open_page()
    row = page.locator(f"[data-run='{run['id']}']")
    row.hover()
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert stack.run(run["id"])["state"] == "done"


def test_the_page_says_so_when_the_server_or_the_network_is_gone(open_page: Opener) -> None:
    page = open_page()
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("No network.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("No network.")).to_have_count(0)
