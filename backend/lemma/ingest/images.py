"""Page pictures for the screen: WebP at two sizes, upright."""

from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Literal

from lemma.ingest.children import readers
from lemma.ingest.drafts import PageImage
from lemma.ingest.limits import Limits
from lemma.reading.source import Source


def page_images(
    data: bytes,
    source: Source,
    *,
    name: str | None = None,
    pages: Collection[int] = (),
    limits: Limits | None = None,
) -> Iterator[PageImage]:
    """Pictures of the pages that have one, both sizes of a page together; `pages` may pick some.

    `data` are the bytes that the source was made from: the source says which way up each page is.
    Raises the same errors as `ingest`.
    """
    limits = limits or Limits()
    request = {
        "do": "images",
        "name": name,
        "limits": asdict(limits),
        "rotations": [page.rotation for page in source.pages if page.kind != "xml"],
        "pages": sorted(pages),
    }
    for message, webp in readers().ask(request, data, seconds=limits.seconds, step=limits.seconds_per_step):
        size: Literal["large", "small"] = "large" if message["size"] == "large" else "small"
        yield PageImage(int(message["page"]), size, webp, int(message["width"]), int(message["height"]))
