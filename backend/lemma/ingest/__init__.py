"""Ingest: bytes in, a `Source` out. See README.md for the path of a file."""

from lemma.ingest.assemble import Ingested, ingest
from lemma.ingest.drafts import PageImage, Part
from lemma.ingest.images import page_images
from lemma.ingest.limits import Limits

__all__ = ["Ingested", "Limits", "PageImage", "Part", "ingest", "page_images"]
