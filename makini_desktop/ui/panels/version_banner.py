"""What the banner says of a version that ends soon."""

from __future__ import annotations

from datetime import datetime

from makini_desktop.core.text import _
from makini_desktop.domain.version import VersionNews
from makini_desktop.services.moments import date
from makini_desktop.ui.links import is_web_page
from makini_desktop.ui.panels.api_page import days_words, users_words
from makini_desktop.ui.panels.banner import BannerText


def version_banner(news: VersionNews, connections: int, now: datetime) -> BannerText | None:
    """Return what is to be said of the version's end, None while none is named."""
    if news.ends_at is None:
        return None
    matter = (
        _("API {version} ended on {date}.").format(version=news.version, date=date(news.ends_at))
        if news.ends_at <= now
        else _("API {version} is deprecated and ends on {date} ({days}).").format(
            version=news.version, date=date(news.ends_at), days=days_words(news.days_left(now) or 0)
        )
    )
    return BannerText(
        matter=matter,
        words=users_words(connections) if connections else "",
        button=_("Migration guide") if is_web_page(news.guide) else _("Details"),
    )
