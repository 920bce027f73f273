"""Finds the files that ship with the program: icons and translations."""

from __future__ import annotations

from pathlib import Path


def resource_folder() -> Path:
    """Return the folder ``resources``.

    It lies inside the package in a wheel or frozen build, and beside it in a checkout.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"The program's own files are missing beside {package}.")
