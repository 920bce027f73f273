"""The one door between the program's sentences and the person's language.

Sentences are written in English where they are used, wrapped in `_` (or `ngettext` where a count
decides the form). `use_language` loads a gettext catalogue from ``resources/translations``; without
one the English sentence is shown.
"""

from __future__ import annotations

import gettext
from pathlib import Path

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use_language(folder: Path, languages: list[str]) -> None:
    """Show sentences in the first of `languages` that `folder` has a catalogue for.

    Args:
        folder: holds ``<language>/LC_MESSAGES/makini_desktop.mo``.
        languages: language codes, the preferred first, for example ``["de_DE", "de"]``.
    """
    global _catalogue  # noqa: PLW0603 - the language is a fact of the process, as the locale is
    _catalogue = gettext.translation("makini_desktop", folder, languages, fallback=True)


def _(sentence: str) -> str:
    """Return `sentence` in the person's language."""
    return _catalogue.gettext(sentence)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form that fits `count`, in the person's language, still to be formatted."""
    return _catalogue.ngettext(singular, plural, count)
