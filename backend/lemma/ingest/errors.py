"""What can be wrong with a file. Each sentence says what to do; none repeats the file's content."""

from lemma.core.errors import InvalidInput, LemmaError, Unavailable


class UnusableFile(InvalidInput):
    """A file that cannot become a source as it is."""

    code = "file_unusable"
    title = "The file cannot be used"


class FileEmpty(UnusableFile):
    code = "file_empty"
    title = "The file is empty"


class FileTooLarge(UnusableFile):
    status = 413
    code = "file_too_large"
    title = "The file is too large"


class TooManyPages(UnusableFile):
    status = 413
    code = "too_many_pages"
    title = "The file has too many pages"


class TooManyPixels(UnusableFile):
    status = 413
    code = "too_many_pixels"
    title = "The picture is too large"


class TooMuchText(UnusableFile):
    status = 413
    code = "too_much_text"
    title = "The file holds too much text"


class FileEncrypted(UnusableFile):
    code = "file_encrypted"
    title = "The file is protected by a password"


class FileBroken(UnusableFile):
    code = "file_broken"
    title = "The file is damaged"


class FileTypeUnsupported(UnusableFile):
    status = 415
    code = "file_type_unsupported"
    title = "This type of file cannot be read"


class ArchiveBomb(UnusableFile):
    code = "archive_bomb"
    title = "The file unpacks to far more than it should"


class NestedTooDeep(UnusableFile):
    code = "nested_too_deep"
    title = "Messages are nested too deep"


class NothingToRead(UnusableFile):
    code = "nothing_to_read"
    title = "There is nothing to read in the file"


class IngestTimeout(UnusableFile):
    code = "ingest_timeout"
    title = "Reading the file took too long"


class IngestUnavailable(Unavailable):
    """The reading process could not be started: a fault of this machine, not of the file."""

    code = "ingest_unavailable"
    title = "Files cannot be read at the moment"


BY_CODE: dict[str, type[LemmaError]] = {
    error.code: error
    for error in (
        UnusableFile,
        FileEmpty,
        FileTooLarge,
        TooManyPages,
        TooManyPixels,
        TooMuchText,
        FileEncrypted,
        FileBroken,
        FileTypeUnsupported,
        ArchiveBomb,
        NestedTooDeep,
        NothingToRead,
        IngestTimeout,
        IngestUnavailable,
    )
}
"""By its code, an error that a reading process reports is raised again in the caller."""


def broken(what: str) -> FileBroken:
    """The error for a file whose content contradicts its type."""
    return FileBroken(
        f"This {what} is damaged or cut short and cannot be read. Export or download it again, and send that "
        "copy."
    )
