"""The quiet sentences above a page that stays in use, and what each offers to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtWebEngineCore import QWebEnginePermission

from makini_desktop.core.text import _
from makini_desktop.login.outcome import Handover
from makini_desktop.login.trouble import Trouble


class Offer(Enum):
    """What a notice has a button for."""

    RELOAD = "reload"
    BROWSER = "browser"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice.

    Attributes:
        kind: for the program.
        sentence: for the person.
        offers: its buttons, besides the one that hides it.
        handover: why the sign-in would go on in the browser, while it is shown.
    """

    kind: str
    sentence: str
    offers: tuple[Offer, ...] = ()
    handover: Handover = Handover.PERSON


_KINDS = QWebEnginePermission.PermissionType


def refused_permission(host: str, kind: QWebEnginePermission.PermissionType) -> Notice:
    """Say what a page wanted that a login page needs not have."""
    match kind:
        case _KINDS.MediaVideoCapture:
            name, sentence = "camera", _("{host} wanted the camera. A sign-in does not get it.")
        case _KINDS.MediaAudioCapture:
            name, sentence = "microphone", _("{host} wanted the microphone. A sign-in does not get it.")
        case _KINDS.MediaAudioVideoCapture:
            name = "camera"
            sentence = _("{host} wanted camera and microphone. A sign-in does not get them.")
        case _KINDS.DesktopVideoCapture | _KINDS.DesktopAudioVideoCapture:
            name, sentence = "screen", _("{host} wanted to see the screen. A sign-in does not get it.")
        case _KINDS.Geolocation:
            name, sentence = "location", _("{host} wanted to know where you are. It was not told.")
        case _KINDS.Notifications:
            name, sentence = "notifications", _("{host} wanted to send notifications. It may not.")
        case _:
            name, sentence = "permission", _("{host} wanted more of this computer than a sign-in gets.")
    return Notice(name, sentence.format(host=host))


def refused_download(host: str) -> Notice:
    """Say that nothing is saved."""
    return Notice("download", _("{host} wanted to save a file here. A sign-in saves none.").format(host=host))


def refused_files(host: str) -> Notice:
    """Say that a page gets no files."""
    return Notice("files", _("{host} wanted to read files. A sign-in does not get any.").format(host=host))


def refused_part(host: str) -> Notice:
    """Say that a part of the page was left out."""
    sentence = _("The part of the page from {host} was left out: its certificate does not hold.")
    return Notice("certificate", sentence.format(host=host))


def too_many_windows() -> Notice:
    """Say that no further pop-up is opened."""
    return Notice("windows", _("The page tried to open too many windows."))


def passkey(host: str) -> Notice:
    """Say where passkeys work."""
    sentence = _("{host} asks for a passkey. Passkeys work in your browser.").format(host=host)
    return Notice("passkey", sentence, (Offer.BROWSER,), Handover.PASSKEY)


def nothing_appears(host: str) -> Notice:
    """Say that a page takes too long, or is blank."""
    sentence = _("Nothing has appeared from {host} so far.").format(host=host)
    return Notice("slow", sentence, (Offer.RELOAD, Offer.BROWSER))


def began_again(host: str) -> Notice:
    """Say that the page crashed and was opened again."""
    sentence = _("The page from {host} crashed and was opened again.").format(host=host)
    return Notice("crashed", sentence, (Offer.BROWSER,), Handover.RENDERER)


def not_followed(found: Trouble) -> Notice:
    """Say that a link leads where the window does not go."""
    return Notice("refused", f"{found.headline} {found.advice}")


def about_certificate(sentence: str) -> Notice:
    """Say what the person asked for: who vouches for the page's host."""
    return Notice("about", sentence)
