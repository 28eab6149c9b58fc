"""Finds a Chromium: the one that LEMMA_CHROMIUM names, the system's, Playwright's own."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""It opens nothing but our own page, and talks to nobody else."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium(playwright: Playwright) -> str:
    """The path of an executable. Raises RuntimeError with what to do where there is none."""
    given = os.environ.get("LEMMA_CHROMIUM")
    own = playwright.chromium.executable_path
    for path in (given, *map(shutil.which, _NAMES), own if Path(own).exists() else None):
        if path:
            return path
    raise RuntimeError("No Chromium was found. Run `make e2e`, which gets one, or set LEMMA_CHROMIUM.")
