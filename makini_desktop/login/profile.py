"""The web engine's memory for one attempt: none that outlives it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import (
    QWebEngineProfile,
    QWebEngineProfileBuilder,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from makini_desktop.core.redirect import is_loopback
from makini_desktop.login.trust import system_certificates

_OFF = (
    QWebEngineSettings.WebAttribute.PluginsEnabled,
    QWebEngineSettings.WebAttribute.PdfViewerEnabled,
    QWebEngineSettings.WebAttribute.ErrorPageEnabled,
    QWebEngineSettings.WebAttribute.AllowRunningInsecureContent,
    QWebEngineSettings.WebAttribute.AutoLoadIconsForPage,
    QWebEngineSettings.WebAttribute.DnsPrefetchEnabled,
    QWebEngineSettings.WebAttribute.FullScreenSupportEnabled,
    QWebEngineSettings.WebAttribute.HyperlinkAuditingEnabled,
    QWebEngineSettings.WebAttribute.JavascriptCanAccessClipboard,
    QWebEngineSettings.WebAttribute.LocalContentCanAccessFileUrls,
    QWebEngineSettings.WebAttribute.NavigateOnDropEnabled,
    QWebEngineSettings.WebAttribute.ScreenCaptureEnabled,
)
_READABLE_BY_OTHERS = frozenset({"http", "ws", "ftp"})


class OnlyProtected(QWebEngineUrlRequestInterceptor):
    """Stops whatever part of a page others could read along with, unless it stays on this computer."""

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Look at one request, before anything of it is sent."""
        url = info.requestUrl()
        if url.scheme() in _READABLE_BY_OTHERS and not is_loopback(url.host()):
            info.block(True)


def throwaway_profile(language: str, folder: Path, parent: QObject) -> QWebEngineProfile:
    """Return a profile that keeps cookies and caches in memory, and anything else below `folder`.

    Only a profile with a name trusts added authorities; where there are none to add, it has no name and
    writes nothing at all. Every page must be destroyed before it, or the engine aborts.

    Args:
        language: what pages are asked for, as an IETF tag; empty for the system's own.
        folder: the attempt's own, removed after it.
        parent: what owns the profile.
    """
    profile = _new_profile(folder, parent)
    profile.setSpellCheckEnabled(False)
    if language:
        profile.setHttpAcceptLanguage(language)
    settings = profile.settings()
    for attribute in _OFF:
        settings.setAttribute(attribute, False)
    settings.setUnknownUrlSchemePolicy(QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes)
    return profile


def _new_profile(folder: Path, parent: QObject) -> QWebEngineProfile:
    added = system_certificates()
    if not added:
        return QWebEngineProfileBuilder.createOffTheRecordProfile(parent)
    builder = QWebEngineProfileBuilder()
    builder.setAdditionalTrustedCertificates(added)
    builder.setPersistentStoragePath(str(folder / "profile"))
    builder.setCachePath(str(folder / "cache" / "profile"))
    builder.setHttpCacheType(QWebEngineProfile.HttpCacheType.MemoryHttpCache)
    builder.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
    builder.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
    return builder.createProfile("attempt", parent)
