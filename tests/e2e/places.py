"""Where things are on the screen, and where the words are in a PDF: two ways that must agree."""

from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Locator

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom as fractions of a page."""


def words_in_pdf(pdf: Path, page: int, words: str) -> list[Rect]:
    """Where these words stand on a page (counted from 1), every time that they do."""
    with pypdfium2.PdfDocument(pdf) as document:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        text = sheet.get_textpage()
        found: list[Rect] = []
        searcher = text.search(words, match_case=True)
        while (hit := searcher.get_next()) is not None:
            start, count = hit
            boxes = [text.get_charbox(index) for index in range(start, start + count)]
            boxes = [box for box in boxes if box[2] > box[0]]
            left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
            right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
            found.append((left / width, 1 - top / height, right / width, 1 - bottom / height))
        return found


def on_sheet(mark: Locator, image: Locator) -> Rect:
    """Where a mark stands on the image of its page."""
    inner, outer = mark.bounding_box(), image.bounding_box()
    assert inner is not None
    assert outer is not None

    def part(value: float, start: float, size: float) -> float:
        return (value - start) / size

    return (
        part(inner["x"], outer["x"], outer["width"]),
        part(inner["y"], outer["y"], outer["height"]),
        part(inner["x"] + inner["width"], outer["x"], outer["width"]),
        part(inner["y"] + inner["height"], outer["y"], outer["height"]),
    )


def covers(mark: Rect, words: Rect, slack: float = 0.004) -> bool:
    """Whether the mark holds the words, and is not much larger than they are."""
    holds = (
        mark[0] <= words[0] + slack
        and mark[1] <= words[1] + slack
        and mark[2] >= words[2] - slack
        and mark[3] >= words[3] - slack
    )
    spare = 0.03
    tight = (
        mark[2] - mark[0] < words[2] - words[0] + spare and mark[3] - mark[1] < words[3] - words[1] + spare
    )
    return holds and tight


def lit_on_image(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The found cells of a run that rest on one run of words on a page image, without a gap of columns
    (for those a PDF's text has no spaces to search by)."""
    images = {page["number"] for page in run["pages"] if page["has_image"]}
    return [
        cell
        for cell in run["cells"]
        if cell["status"] == "found"
        and len(cell["evidence"]) == 1
        and cell["evidence"][0]["page"] in images
        and "  " not in cell["raw"]
    ]
