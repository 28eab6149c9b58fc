"""Where documents' bytes live: a protocol, files on disk, and an honest fake."""

from lemma.gateways.storage.files import FileStorage
from lemma.gateways.storage.memory import MemoryStorage
from lemma.gateways.storage.protocol import Storage, StorageFull, StoredFileMissing, Writer

__all__ = ["FileStorage", "MemoryStorage", "Storage", "StorageFull", "StoredFileMissing", "Writer"]
