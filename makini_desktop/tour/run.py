"""``makini-desktop tour``: prepares a throw-away profile and desktop, walks, and writes ``tour.json``."""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from makini_desktop.core.paths import Paths
from makini_desktop.core.text import _
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.tour.surroundings import surroundings


class StepResult(msgspec.Struct, frozen=True):
    """How one step went.

    Attributes:
        seconds: how long it took.
        detail: what proves it, or what was missing.
    """

    name: str
    ok: bool
    seconds: float
    detail: str


class TourResult(msgspec.Struct, frozen=True):
    """What ``tour.json`` holds."""

    ok: bool
    steps: tuple[StepResult, ...]


def run_tour(options: Options, out: Path | None) -> int:
    """Walk the main job and write pictures and ``tour.json``.

    Args:
        options: of the command line; profile, account and vault are the tour's own.
        out: where the pictures go; a new temporary folder if None.

    Returns:
        0 if every step was proven, else 1.
    """
    pictures = out if out is not None else Path(tempfile.mkdtemp(prefix="makini-tour-"))
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="makini-") as name:
        folder = Path(name)
        with surroundings(folder) as around:
            # Late: Qt reads its platform from the environment that the surroundings have just set.
            from makini_desktop.desktop import run_window
            from makini_desktop.tour.walk import Walk

            walk = Walk(pictures, around)
            with suppress(KeyboardInterrupt):
                run_window(
                    msgspec.structs.replace(
                        options,
                        paths=Paths(folder / "profile"),
                        account=None,
                        sandbox=True,
                        vault=VaultKind.KEYCHAIN if around.keychain else VaultKind.MEMORY,
                        passphrase=None,
                    ),
                    script=walk.script,
                    orders=walk.sign_in,
                )
            result = walk.result()
    report = pictures / "tour.json"
    report.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    for step in result.steps:
        mark = "ok    " if step.ok else "FAILED"
        sys.stdout.write(f"{mark} {step.seconds:5.1f} s  {step.name}: {step.detail}\n")
    sys.stdout.write(_("Pictures and tour.json are in {folder}\n").format(folder=pictures))
    return 0 if result.ok else 1
