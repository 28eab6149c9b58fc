"""Page images: made once, when the first of a document is asked for, then kept."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Protocol
from weakref import WeakValueDictionary

from lemma.features.documents.errors import PageNotFound
from lemma.features.documents.files import DocumentFiles, ImageSize
from lemma.features.documents.schemas import has_image
from lemma.reading.source import Source


class PageImage(Protocol):
    """One rendered page, as ingest gives it."""

    @property
    def page(self) -> int: ...
    @property
    def size(self) -> ImageSize: ...
    @property
    def webp(self) -> bytes: ...


Renderer = Callable[[bytes, Source], Iterator[PageImage]]
"""Renders the pages of a document, given its bytes and its source. Runs in a thread."""


class PageImages:
    """Gives page images, and makes those that are missing: all of a document in one go.

    Two who ask at once for the same document wait for one rendering.
    """

    def __init__(self, render: Renderer) -> None:
        self._render = render
        self._busy: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()

    async def get(self, files: DocumentFiles, page: int, size: ImageSize) -> bytes:
        """The image of a page, as WebP. Raises PageNotFound, StoredFileMissing."""
        if not await files.has_image(page, size):
            await self._make(files, page, size)
        return await files.image(page, size)

    async def _make(self, files: DocumentFiles, page: int, size: ImageSize) -> None:
        if not any(each.number == page and has_image(each) for each in await files.pages()):
            raise PageNotFound("This document has no such page to show. Read the run to see its pages.")
        lock = self._busy.setdefault(files.document_id, asyncio.Lock())
        async with lock:
            if await files.has_image(page, size):
                return
            await self.make_all(files, await files.original(), await files.source())
        if not await files.has_image(page, size):
            raise PageNotFound("This page could not be drawn. Its text was read all the same.")

    async def make_all(self, files: DocumentFiles, original: bytes, source: Source) -> None:
        """Render and keep the images of every page. Raises what rendering raises."""
        images = iter(self._render(original, source))
        while (image := await asyncio.to_thread(next, images, None)) is not None:
            await files.put_image(image.page, image.size, image.webp)
