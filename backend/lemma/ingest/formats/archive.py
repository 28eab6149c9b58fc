"""Zip archives (Office files): looked through before anything is unpacked."""

import zipfile
import zlib
from io import BytesIO

from lemma.ingest.errors import ArchiveBomb, FileEncrypted, broken
from lemma.ingest.limits import Budget

_SMALL = 100 * 1024


def check(data: bytes, budget: Budget) -> None:
    """Refuses an archive that is encrypted, or unpacks to more than is allowed.

    Sizes in a directory may lie, so every entry is also unpacked once in small pieces, counted and
    thrown away, before a library gets to see the file.
    """
    limits = budget.limits
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > limits.archive_entries:
                raise _bomb()
            if len({entry.header_offset for entry in entries}) < len(entries):
                raise _bomb()  # Entries that share their bytes are a trick.
            if any(entry.flag_bits & 1 for entry in entries):
                raise FileEncrypted(
                    "This Office file is protected by a password. Remove the protection and send it again."
                )
            for entry in entries:
                _count(archive, entry, budget)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
    ) as error:
        raise broken("Office file") from error


def _count(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> None:
    most = max(_SMALL, entry.compress_size * budget.limits.archive_ratio)
    size = 0
    with archive.open(entry) as stream:
        while piece := stream.read(1 << 20):
            size += len(piece)
            budget.unpack(len(piece))
            if size > most:
                raise _bomb()


def _bomb() -> ArchiveBomb:
    return ArchiveBomb(
        "The file unpacks to far more data than it should. Open it, save it again, and send that copy."
    )
