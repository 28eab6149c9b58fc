"""Page images: made when somebody first looks at a page or its neighbours, then kept."""

import asyncio
from collections.abc import Collection, Iterator
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


_BLOCK = 8


class Renderer(Protocol):
    """Renders pages of a document, given its bytes, its source and its name. Runs in a thread."""

    def __call__(
        self, data: bytes, source: Source, *, name: str | None, pages: Collection[int]
    ) -> Iterator[PageImage]: ...


class PageImages:
    """Gives page images, and makes those that are missing, a few neighbouring pages at a time.

    Two who ask at once for pages of the same document wait for one rendering.
    """

    def __init__(self, render: Renderer) -> None:
        self._render = render
        self._busy: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()

    async def get(self, files: DocumentFiles, name: str, page: int, size: ImageSize) -> bytes:
        """The image of a page, as WebP. `name` is the document's. Raises PageNotFound, StoredFileMissing,
        and what rendering raises."""
        if not await files.has_image(page, size):
            await self._make(files, name, page, size)
        return await files.image(page, size)

    async def _make(self, files: DocumentFiles, name: str, page: int, size: ImageSize) -> None:
        first = page - (page - 1) % _BLOCK
        pages = [
            each.number
            for each in await files.pages()
            if has_image(each) and first <= each.number < first + _BLOCK
        ]
        if page not in pages:
            raise PageNotFound("This document has no such page to show. Read the run to see its pages.")
        lock = self._busy.setdefault(files.document_id, asyncio.Lock())
        async with lock:
            if await files.has_image(page, size):
                return
            images = self._render(await files.original(), await files.source(), name=name, pages=pages)
            while (image := await asyncio.to_thread(next, images, None)) is not None:
                await files.put_image(image.page, image.size, image.webp)
        if not await files.has_image(page, size):
            raise PageNotFound("This page could not be drawn. Its text was read all the same.")
