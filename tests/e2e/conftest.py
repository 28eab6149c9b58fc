"""A browser on the real product. Whatever a page prints as an error fails the test that saw it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.chromium import FLAGS, find_chromium
from tests.e2e.stack import ROOT, Stack, running_stack

expect.set_options(timeout=60_000)  # A busy machine is slow, not wrong.

Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The product, started once."""
    assert (ROOT / "frontend/dist/index.html").is_file(), "The web app is not built. Run `make e2e`."
    with running_stack() as stack:
        yield stack


# Playwright holds an event loop while it runs; it must not outlive the browser tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(stack: Stack, browser: Browser) -> Iterator[Opener]:
    """Opens an address of the product: `open_page("/", width=390, theme="dark")`."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refused upload, and a network that is gone, the browser logs itself; the page says so.
        own = ("the server responded with a status of 4", "net::ERR_INTERNET_DISCONNECTED")
        if message.type == "error" and not any(words in message.text for words in own):
            complaints.append(message.text)

    pages: list[Page] = []

    def opened(path: str = "/", *, width: int = 1440, theme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900 if width > 600 else 844},
            color_scheme="dark" if theme == "dark" else "light",
            base_url=stack.address,
            reduced_motion="reduce",
            locale="en-GB",
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert complaints == []
