"""A document's files in the storage: the original, its canonical source, its page images."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from lemma.gateways.storage import Storage
from lemma.reading.source import Box, Line, Page, Source, Word

ImageSize = Literal["large", "small"]

FOLDER = "documents"
"""Under this prefix lie all documents, each in a folder named by its id."""


def folder(document_id: UUID) -> str:
    """The prefix of all keys of a document."""
    return f"{FOLDER}/{document_id}"


def original_key(document_id: UUID) -> str:
    """Where the bytes lie that the customer sent."""
    return f"{folder(document_id)}/original"


@dataclass(frozen=True, slots=True)
class DocumentFiles:
    """One document's files. Every method raises StoredFileMissing or StorageFull as the storage does."""

    storage: Storage
    organisation_id: UUID
    document_id: UUID

    async def original(self) -> bytes:
        """The bytes that the customer sent."""
        return await self.storage.get(self.organisation_id, original_key(self.document_id))

    async def put_source(self, source: Source) -> None:
        """Keep the canonical source. The pages alone are kept beside it, for readers who need no lines;
        they are written first, so that a source that is there has its pages."""
        await self._put("pages.json", [_page_json(page) for page in source.pages])
        await self._put("source.json", source_json(source))

    async def source(self) -> Source:
        """The canonical source, exactly as it was kept."""
        return source_from_json(
            json.loads(await self.storage.get(self.organisation_id, self._key("source.json")))
        )

    async def has_source(self) -> bool:
        """Whether the document was taken apart."""
        return await self.storage.exists(self.organisation_id, self._key("source.json"))

    async def pages(self) -> list[Page]:
        """The pages without their lines."""
        data = json.loads(await self.storage.get(self.organisation_id, self._key("pages.json")))
        return [_page(each) for each in data]

    async def put_image(self, page: int, size: ImageSize, webp: bytes) -> None:
        """Keep the image of a page."""
        await self.storage.put(self.organisation_id, self._image_key(page, size), webp)

    async def has_image(self, page: int, size: ImageSize) -> bool:
        """Whether the image of a page was made."""
        return await self.storage.exists(self.organisation_id, self._image_key(page, size))

    async def image(self, page: int, size: ImageSize) -> bytes:
        """The image of a page, as WebP."""
        return await self.storage.get(self.organisation_id, self._image_key(page, size))

    async def erase(self) -> None:
        """Forget every file of the document."""
        await self.storage.delete_all(self.organisation_id, folder(self.document_id))

    async def _put(self, name: str, data: object) -> None:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        await self.storage.put(self.organisation_id, self._key(name), text.encode())

    def _key(self, name: str) -> str:
        return f"{folder(self.document_id)}/{name}"

    def _image_key(self, page: int, size: ImageSize) -> str:
        return self._key(f"pages/{page}-{size}.webp")


def source_json(source: Source) -> dict[str, Any]:
    """A source as JSON without loss: a word is `[start, end, box or null, confidence or null]`."""
    return {
        "media_type": source.media_type,
        "pages": [_page_json(page) for page in source.pages],
        "lines": [
            [line.id, line.page, line.text, [_word_json(w) for w in line.words]] for line in source.lines
        ],
        "notes": list(source.notes),
    }


def source_from_json(data: dict[str, Any]) -> Source:
    """The inverse of `source_json`."""
    return Source(
        media_type=data["media_type"],
        pages=tuple(_page(each) for each in data["pages"]),
        lines=tuple(
            Line(line_id, page, text, tuple(_word(word) for word in words))
            for line_id, page, text, words in data["lines"]
        ),
        notes=tuple(data["notes"]),
    )


def _page_json(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "kind": page.kind,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "name": page.name,
    }


def _page(data: dict[str, Any]) -> Page:
    return Page(**data)


def _word_json(word: Word) -> list[Any]:
    box = word.box
    edges = None if box is None else [box.x0, box.y0, box.x1, box.y1]
    return [word.start, word.end, edges, word.confidence]


def _word(data: Sequence[Any]) -> Word:
    start, end, edges, confidence = data
    return Word(start, end, None if edges is None else Box(*edges), confidence)
