"""A hub of models, or a mirror of one: the addresses of files, and what the hub itself says of them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from lemma_inference.errors import ModelRefused

# In an address that is a pattern; otherwise the hub's own form is meant.
PATH_FIELD = "{path}"


class _Lfs(BaseModel):
    sha256: str


class _Sibling(BaseModel):
    rfilename: str
    size: int | None = None
    blobId: str | None = None  # noqa: N815 - the hub's name
    lfs: _Lfs | None = None


class _Listing(BaseModel):
    sha: str
    siblings: list[_Sibling]


@dataclass(frozen=True, slots=True)
class Published:
    """What the hub says of a file: the SHA-256 of a large one, git's own hash of a small one."""

    bytes: int | None
    sha256: str | None
    git_blob: str | None

    def is_of(self, path: Path, sha256: str) -> bool:
        """Whether the file on this disk, with this SHA-256, is the one that the hub lists."""
        if self.sha256 is not None:
            return self.sha256 == sha256
        return self.git_blob is not None and self.git_blob == git_blob(path)


@dataclass(frozen=True, slots=True)
class Hub:
    """Where files are fetched from. `token` is sent to the hub that it is of, and to nobody else."""

    base: str
    token: str | None = None

    @classmethod
    def at(cls, address: str, hub_url: str, token: str | None) -> "Hub":
        """A hub by its address; the token only if the address is the hub's own. Raises `ModelRefused`."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ModelRefused(f"{address!r} is not an address of the form https://host.", rule="hub")
        return cls(address.rstrip("/"), token if address.rstrip("/") == hub_url.rstrip("/") else None)

    def url(self, repository: str, revision: str, path: str) -> str:
        """The address of a file: `{base}/{repository}/resolve/{revision}/{path}`, or the pattern's."""
        if PATH_FIELD in self.base:
            filled = self.base.replace("{repository}", quote(repository)).replace("{revision}", revision)
            return filled.replace(PATH_FIELD, quote(path))
        return f"{self.base}/{quote(repository)}/resolve/{revision}/{quote(path)}"

    def headers(self) -> dict[str, str]:
        # Compressed bytes would be counted and hashed as if they were the file's.
        plain = {"accept-encoding": "identity", "user-agent": "lemma-inference"}
        return plain | ({"authorization": f"Bearer {self.token}"} if self.token else {})

    def published(self, client: httpx.Client, repository: str, revision: str) -> dict[str, Published]:
        """The files of a revision, by path, as the hub lists them. Raises `ModelRefused`."""
        if PATH_FIELD in self.base:
            raise ModelRefused("Only a hub lists its files; a pattern of addresses does not.", rule="hub")
        url = f"{self.base}/api/models/{quote(repository)}/revision/{revision}"
        try:
            answer = client.get(url, params={"blobs": "true"}, headers=self.headers(), follow_redirects=True)
            answer.raise_for_status()
            listing = _Listing.model_validate(answer.json())
        except httpx.HTTPStatusError as error:
            detail = f"{url} answers {error.response.status_code}, so nothing can be compared with it."
            raise ModelRefused(detail, rule="hub") from error
        except (httpx.HTTPError, ValidationError, ValueError) as error:
            raise ModelRefused(f"{url} cannot be read: {type(error).__name__}.", rule="hub") from error
        if listing.sha != revision:
            raise ModelRefused(f"{url} speaks of revision {listing.sha}.", rule="revision")
        return {
            file.rfilename: Published(file.size, file.lfs.sha256 if file.lfs else None, file.blobId)
            for file in listing.siblings
        }


def git_blob(path: Path) -> str:
    """The name that git gives to a file's content (SHA-1 of a header and the bytes)."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
