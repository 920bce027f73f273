"""What a test wants to know of files, and does to them."""

import stat
from collections.abc import Mapping
from pathlib import Path


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def fill(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def files_of(folder: Path) -> Mapping[str, tuple[bytes, int]]:
    """Every file's content and mode."""
    return {
        file.name: (file.read_bytes(), stat.S_IMODE(file.stat().st_mode))
        for file in folder.rglob("*")
        if file.is_file()
    }


def remove(path: Path) -> None:
    path.unlink()


def exists(path: Path) -> bool:
    return path.exists()


def size_of(path: Path) -> int:
    return path.stat().st_size
