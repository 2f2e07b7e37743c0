"""What must hold of files: behind each row lie as many bytes as it says."""

from collections.abc import Iterator

from portal.file.queries import everything, storage


def invariants() -> Iterator[str]:
    """Every file whose content is missing or of another size."""
    store = storage()
    for row in everything():
        if store.size(row.digest) != row.size:
            yield f"文件“{row.name}”的内容缺失或大小不符"
