"""What can go wrong with a document."""

from lemma.core.errors import Conflict, NotFound


class DocumentNotFound(NotFound):
    """The organisation has no document with this id."""

    code = "document_not_found"
    title = "There is no such document"


class PageNotFound(NotFound):
    """The document has no page of this number, or the page is not one that can be seen."""

    code = "page_not_found"
    title = "There is no such page to show"


class DocumentNotRead(Conflict):
    """The document was not taken apart yet, or could not be."""

    code = "document_not_read"
    title = "The document has not been read yet"
