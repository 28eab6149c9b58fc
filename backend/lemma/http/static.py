"""The built web app: its files, and its first page for every address that it routes itself."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from lemma.core.errors import NotFound

_RESERVED = ("v1/", "livez", "readyz", "openapi.json", "assets/")


class WebApp:
    """Answers what no route took. An address of the API or of an asset that is not there stays a 404."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(scope)
        await response(scope, receive, send)

    async def _response(self, scope: Scope) -> Response:
        path = scope["path"].lstrip("/")
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            raise NotFound("There is nothing at this address.")
        first_page = self._folder / "index.html"
        if "\0" in path or not first_page.is_file():
            raise NotFound("There is nothing at this address.")
        try:
            response = await self._files.get_response(path or "index.html", scope)
        except HTTPException:
            if path.startswith(_RESERVED):
                raise
            response = FileResponse(first_page)
        if path.startswith("assets/"):  # The build puts a hash of the content into these names.
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        return response
