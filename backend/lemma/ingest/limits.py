"""How much of anything a file may hold. Refusing early is kinder than running out of memory."""

from dataclasses import dataclass

from lemma.ingest.errors import ArchiveBomb, TooManyPages, TooMuchText


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one file, attachments and all.

    `pixels` is for one picture or rendered page. `archive_*` are for Office files, which are zip
    archives: entries, bytes when unpacked, and unpacked bytes for each packed byte of an entry larger
    than 100 KiB (the rule of Apache POI). `depth` is how deep a message may be attached to a message.
    `characters` and `lines` are of the text that comes out. `seconds` is for opening the whole file,
    `seconds_per_step` for the wait for its next page; `seconds_per_picture` for recognising one page,
    which takes seconds on an idle machine and minutes on one that is overloaded. A picture is only pixels
    by then and can do no harm.
    """

    bytes: int = 100 * 1024 * 1024
    pages: int = 2_000
    pixels: int = 50_000_000
    archive_entries: int = 10_000
    archive_bytes: int = 512 * 1024 * 1024
    archive_ratio: int = 100
    depth: int = 3
    characters: int = 20_000_000
    lines: int = 200_000
    seconds: float = 1_800.0
    seconds_per_step: float = 120.0
    seconds_per_picture: float = 600.0


class Budget:
    """What is left of the limits of one file while it is read. Attachments draw on the same budget."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.pages = 0
        self.lines = 0
        self.characters = 0
        self.unpacked = 0

    def expect_pages(self, count: int) -> None:
        """Refuses a file that is about to give `count` more pages than are allowed."""
        if self.pages + count > self.limits.pages:
            raise TooManyPages(
                f"The file has more than {self.limits.pages:,} pages. Split it and send the parts.",
                limit=self.limits.pages,
            )

    def page(self, lines: int, characters: int) -> None:
        """Counts a finished page."""
        self.expect_pages(1)
        self.pages += 1
        self.text(lines, characters)

    def text(self, lines: int, characters: int) -> None:
        """Counts text; called before much of it is kept."""
        self.lines += lines
        self.characters += characters
        if self.lines > self.limits.lines or self.characters > self.limits.characters:
            raise TooMuchText(
                f"The file holds more than {self.limits.lines:,} lines or {self.limits.characters:,} "
                "characters. Split it and send the parts.",
                limit=self.limits.lines,
            )

    def unpack(self, size: int) -> None:
        """Counts bytes that came out of an archive."""
        self.unpacked += size
        if self.unpacked > self.limits.archive_bytes:
            raise ArchiveBomb(
                "The file unpacks to more data than is allowed. Save it again with less embedded content.",
                limit=self.limits.archive_bytes,
            )
