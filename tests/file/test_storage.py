"""Bytes by their digest: kept once, never overwritten, reached by no other name."""

import io
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.file import pdf
from portal.file.storage import CHUNK, Storage
from portal.kernel.clock import machine_now
from portal.kernel.hashing import sm3
from tests.file.makers import a_pdf


def _kept(storage: Storage, content: bytes) -> str:
    with storage.draft(io.BytesIO(content), most=10 * CHUNK) as draft:
        storage.settle(draft)
    return draft.digest


def test_content_lies_under_its_digest_and_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    storage, content = Storage(tmp_path / "files"), b"x" * (2 * CHUNK + 1)
    digest = _kept(storage, content)

    assert digest == sm3(content).hex()
    with storage.open(digest) as kept:
        assert kept.read() == content
    assert stat.S_IMODE(storage.path(digest).stat().st_mode) == 0o600
    assert stat.S_IMODE(storage.root.stat().st_mode) == 0o700
    assert list(storage.incoming.iterdir()) == []


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    first = storage.path(_kept(storage, b"same")).stat()

    assert storage.path(_kept(storage, b"same")).stat().st_mtime_ns == first.st_mtime_ns


def test_a_stream_is_not_read_far_beyond_the_limit(tmp_path: Path) -> None:
    stream = io.BytesIO(b"x" * (5 * CHUNK))
    with Storage(tmp_path).draft(stream, most=CHUNK) as draft:
        assert draft.size == 2 * CHUNK

    assert not draft.path.exists()


@pytest.mark.parametrize("digest", ("../../etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" * 64))
def test_what_is_no_digest_names_no_file(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="not a digest"):
        Storage(tmp_path).path(digest)


@given(st.text())
def test_every_path_lies_inside_the_store(digest: str) -> None:
    root = Path("/store")
    try:
        path = Storage(root).path(digest)
    except ValueError:
        return
    assert path.parent.parent.parent == root


def test_pages_are_counted_and_drawn_once(tmp_path: Path) -> None:
    path, image = tmp_path / "a.pdf", tmp_path / "pages" / "2.png"
    path.write_bytes(a_pdf(3))
    assert pdf.count(path) == 3

    pdf.draw(path, 2, image)
    drawn = image.stat()
    pdf.draw(path, 2, image)

    content = image.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") == pdf.WIDTH
    assert image.stat().st_mtime_ns == drawn.st_mtime_ns


@pytest.mark.parametrize("content", (b"", b"%PDF-1.7\nnothing more", b"no PDF"))
def test_a_broken_pdf_is_said_to_be_broken(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)

    with pytest.raises(pdf.Unreadable):
        pdf.count(path)
    with pytest.raises(pdf.Unreadable):
        pdf.draw(path, 1, tmp_path / "1.png")
    assert [each.name for each in tmp_path.iterdir()] == ["broken.pdf"]


def _age(path: Path, days: int) -> None:
    then = (machine_now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_what_was_half_written_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    kept = _kept(storage, b"kept")
    _age(storage.path(kept), 3)
    with storage.draft(io.BytesIO(b"running"), most=CHUNK) as running:
        left = storage.incoming / ("a" * 32)
        left.write_bytes(b"cut off")
        _age(left, 1)

        assert storage.drop_drafts(before=machine_now() - timedelta(hours=1)) == 1

        assert list(storage.incoming.iterdir()) == [running.path]
        assert storage.size(kept) == len(b"kept")


def test_only_content_from_before_is_untouched(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    old, fresh = _kept(storage, b"old"), _kept(storage, b"fresh")
    _age(storage.path(old), 2)
    found = storage.untouched(before=machine_now() - timedelta(days=1))
    assert found == {old}

    storage.drop(found)

    assert (storage.size(old), storage.size(fresh)) == (None, 5)
