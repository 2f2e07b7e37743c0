"""What is uploaded: how much a request may carry, where its files go while it is read, and the form for it.

Most views take what fits a form. A view marked `big` takes a large file from somebody signed in; one marked
`sealed` gives the stream its files are written to, so that no plain byte of them touches a disk.
"""

import re
from collections.abc import Callable
from typing import IO, Any, Final, TypeVar

from flask import Flask, Request, current_app, jsonify, request, session
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField

from portal.web.forms import REQUIRED, BaseForm

MEGABYTE: Final = 1024 * 1024
MOST_BIG: Final = 210 * MEGABYTE
SENT_BY_SCRIPT: Final = "X-Portal-Upload"
View = TypeVar("View", bound=Callable[..., Any])
# (total_content_length, content_type, filename, content_length) → where the bytes of one file go.
StreamFactory = Callable[[int | None, str | None, str | None, int | None], IO[bytes]]


def big(view: View) -> View:
    """Mark a view that takes files of up to 200 MB: ``@bp.post(…)``, ``@uploads.big``, ``@allow(…)``."""
    view.portal_most = MOST_BIG  # type: ignore[attr-defined]
    return view


def sealed(factory: StreamFactory) -> Callable[[View], View]:
    """Mark a big view whose files are written to the streams of ``factory`` and nowhere else.

    ``factory`` runs while the body is read, inside the request but before the guard: no scope is entered yet.
    """

    def mark(view: View) -> View:
        view.portal_stream = factory  # type: ignore[attr-defined]
        return big(view)

    return mark


_BREAKS: Final = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN: Final = re.compile(
    r"[\x01-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufdd0-\ufdef"
    r"\ufeff\ufff0-\ufffb\ufffe\uffff]"
)


def as_seen(typed: str) -> str:
    """What somebody typed or pasted, without what nobody sees: a line break of Word becomes one of ours.

    No document or workbook holds most of these, and some turn a name round or make two names look like one.
    """
    return _UNSEEN.sub("", _BREAKS.sub("\n", typed))


class PortalRequest(Request):
    """A request that knows which view it is for before its body is read, and whose fields can be seen."""

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        fields = [(name, as_seen(value)) for name, value in self.form.items(multi=True)]
        self.__dict__["form"] = ImmutableMultiDict(fields)

    @property
    def max_content_length(self) -> int | None:
        """How many bytes the body may have: more for a `big` view, and then only from somebody signed in."""
        most = getattr(self._view(), "portal_most", None)
        if most is not None and "_user_id" in session:
            return int(most)
        return super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        factory: StreamFactory | None = getattr(self._view(), "portal_stream", None)
        make = factory or super()._get_file_stream
        return make(total_content_length, content_type, filename, content_length)

    def _view(self) -> Callable[..., Any] | None:
        return current_app.view_functions.get(self.endpoint or "")


def register(app: Flask) -> None:
    """Read the bodies of ``app`` in this way."""
    app.request_class = PortalRequest
    app.after_request(_tell_where)


def _tell_where(response: Response) -> Response:
    """The script that shows how far an upload is goes on by itself: the next page keeps its notice."""
    if SENT_BY_SCRIPT in request.headers and response.status_code in {302, 303} and response.location:
        return jsonify(to=response.location)
    return response


class UploadForm(BaseForm):
    """One file, and the word that it holds no state secret; lay a refusal of the file on ``file``."""

    file = FileField("文件", validators=[REQUIRED])
    declared = BooleanField("我确认：所传材料不含国家秘密、工作秘密", validators=[REQUIRED])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether a file was chosen and declared."""
        sound = bool(super().validate(extra_validators))
        if "declared" in self.errors:
            self.declared.errors = ["涉密材料不得上传本系统，请通过保密渠道报送；不涉密的，请先勾选确认"]
        if "file" in self.errors:
            self.file.errors = ["请选择要上传的文件"]
        return sound

    def chosen(self) -> FileStorage | None:
        """What was chosen, for `portal.file.keep`."""
        data = self.file.data
        return data if isinstance(data, FileStorage) else None
