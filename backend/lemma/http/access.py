"""Access `local`: this machine alone, and no other web page through this machine's browser.

Two attacks reach a server on 127.0.0.1 from outside: a page of another site that posts to it (refused by
`Origin` and `Sec-Fetch-Site`), and a name that is made to point to 127.0.0.1 (DNS rebinding; refused by
the `Host` allow-list, since the browser sends that name).
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from lemma.core.errors import LemmaError
from lemma.http.problems import problem_response
from lemma.settings import is_loopback

_SAFE = {"GET", "HEAD", "OPTIONS"}
_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}


class Refused(LemmaError):
    """Whoever calls may not, whatever is asked for."""

    status = 403
    code = "refused"
    title = "This caller is not allowed"


class LocalAccess:
    """Lets in callers on this machine who mean this server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        reason = _why_not(request)
        if reason is None:
            await self.app(scope, receive, send)
        else:
            await problem_response(Refused(reason), scope)(scope, receive, send)


def _why_not(request: Request) -> str | None:
    """The sentence that refuses this request, or None."""
    if request.client is None or not is_loopback(request.client.host):
        return "This server answers only to its own machine."
    if _host_name(request.headers.get("host", "")) not in _LOCAL_NAMES:
        return "Call this server as 127.0.0.1 or localhost."
    return _foreign_page(request)


def _foreign_page(request: Request) -> str | None:
    """Refuse what another site's page sends. A browser sets these headers and no page can forge them;
    a program sends neither, and is let in."""
    safe = request.method in _SAFE
    origin = request.headers.get("origin")
    if not safe and origin is not None and origin != f"{request.url.scheme}://{request.headers['host']}":
        return "This request comes from another site's page. Use the app's own pages."
    site = request.headers.get("sec-fetch-site", "none")
    followed_link = safe and request.headers.get("sec-fetch-mode") == "navigate"
    if site not in ("same-origin", "none") and not followed_link:
        return "This request comes from another site's page. Use the app's own pages."
    return None


def _host_name(host: str) -> str:
    """The name in a Host header, without its port: `[::1]:8000` gives `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
