"""What travels compressed: all that is text, but for a page that another site made the browser ask for.

The length of a compressed page tells whoever can watch the line and choose a part of the page (a search word
in a link) about its other parts: BREACH. So a page asked for from elsewhere goes out as it is; the browser
says which those are. The token of the forms wears a fresh pad on every page besides (`portal.web.forms`).
"""

from typing import Final

from flask import Flask, Response, request
from flask_compress import Compress

TEXT: Final = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")
ELSEWHERE: Final = frozenset({"cross-site", "same-site"})


def register(app: Flask) -> None:
    """Compress the answers of ``app`` where it is safe."""
    app.config.update(COMPRESS_MIMETYPES=list(TEXT), COMPRESS_REGISTER=False)
    compress = Compress(app)

    def squeeze(response: Response) -> Response:
        response.vary.add("Sec-Fetch-Site")
        if response.mimetype == "text/html" and request.headers.get("Sec-Fetch-Site") in ELSEWHERE:
            return response
        return compress.after_request(response)

    app.after_request(squeeze)
