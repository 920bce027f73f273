"""“Test account”: looks at everything that an account needs, and names in words what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from makini_desktop.core.redirect import is_loopback
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.account import Account, Client, VersionPlacement
from makini_desktop.domain.errors import ClientRejected, MakiniDesktopError
from makini_desktop.services import capabilities
from makini_desktop.services.discovery import Discovery
from makini_desktop.services.draft import TestResult
from makini_desktop.services.ports import Api
from makini_desktop.services.store import SKEW_WARNED


class AccountTest:
    """One run over an account.

    Args:
        account: gives the account as it is now; the version's place is found out on the way.
        has_secret: whether there is a client secret; without one only the bases are looked at.
        api: the account's API.
        reach: asks an address for any answer at all.
        skew: gives the seconds by which this computer's clock is ahead, None while that is unknown.
        discovery: finds out what the server offers.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        api: Api,
        reach: Callable[[str], Awaitable[None]],
        skew: Callable[[], float | None],
        discovery: Discovery,
        *,
        has_secret: bool,
    ) -> None:
        self._account = account
        self._has_secret = has_secret
        self._api = api
        self._reach = reach
        self._skew = skew
        self._discovery = discovery

    async def run(self) -> tuple[TestResult, ...]:
        """Return what was found, in the order in which a person would mend it."""
        results = [
            await self._base(_("API base"), self._account().api_base),
            await self._base(_("Login pages"), self._account().link_base),
        ]
        if results[0].ok is False:
            return tuple(results)
        if not self._has_secret:
            words = _("There is no client secret; connections are watched by their own tokens.")
            return (*results, TestResult(subject=_("Client"), ok=None, words=words))
        try:
            await self._api.place_version()
            client = (await self._api.client()).value
        except MakiniDesktopError as error:
            subject = _("Client") if isinstance(error, ClientRejected) else _("API")
            return (*results, TestResult(subject=subject, ok=False, words=str(error)))
        results.append(
            TestResult(
                subject=_("Client"), ok=True, words=_("Makini knows it as {name}.").format(name=client.name)
            )
        )
        results.append(self._version())
        results.append(await self._list())
        results.append(await self._offers())
        results.extend(self._redirects(client))
        results.append(self._clock())
        return tuple(results)

    async def _base(self, subject: str, base: str) -> TestResult:
        try:
            await self._reach(base)
        except MakiniDesktopError as error:
            return TestResult(subject=subject, ok=False, words=str(error))
        return TestResult(
            subject=subject, ok=True, words=_("{host} answers.").format(host=urlsplit(base).netloc)
        )

    def _version(self) -> TestResult:
        account = self._account()
        answered = self._api.api_version()
        place = _("in the path") if account.version_in is VersionPlacement.PATH else _("in a header")
        if answered is not None and answered != account.version:
            return TestResult(
                subject=_("Version"),
                ok=None,
                words=_("Stated {stated} {place}; the server answers as {answered}.").format(
                    stated=account.version, place=place, answered=answered
                ),
            )
        return TestResult(
            subject=_("Version"),
            ok=True,
            words=_("{version}, stated {place}.").format(version=account.version, place=place),
        )

    async def _list(self) -> TestResult:
        count = 0
        try:
            async for page in self._api.connection_pages():
                count += len(page.value)
        except MakiniDesktopError as error:
            return TestResult(subject=_("Connections"), ok=False, words=str(error))
        words = ngettext("{count} connection is listed.", "{count} connections are listed.", count)
        return TestResult(subject=_("Connections"), ok=True, words=words.format(count=f"{count:,}"))

    async def _offers(self) -> TestResult:
        """Find out what the server offers of all that it may lack."""
        subject = _("Offers")
        try:
            asked = await self._discovery.run()
        except MakiniDesktopError as error:
            return TestResult(subject=subject, ok=None, words=str(error))
        lacking = self._discovery.lacking()
        if lacking:
            return TestResult(subject=subject, ok=None, words=" ".join(map(capabilities.words, lacking)))
        if not asked:
            not_asked = _("Not looked at yet: no connection has a token here.")
            return TestResult(subject=subject, ok=None, words=not_asked)
        return TestResult(subject=subject, ok=True, words=_("Nothing is found to be lacking."))

    def _redirects(self, client: Client) -> list[TestResult]:
        """Compare our redirect URIs with those registered, where the server tells them."""
        registered = {client.default_redirect, *client.redirects} - {""}
        if not registered:
            return [
                TestResult(
                    subject=_("Redirects"),
                    ok=None,
                    words=_("The server does not tell which redirect URIs are registered."),
                )
            ]
        missing = [uri for uri in self._account().redirect_uris if not _registered(uri, registered)]
        if missing:
            words = _("Not registered with Makini: {uris}. Registered are: {known}.")
            return [
                TestResult(
                    subject=_("Redirects"),
                    ok=False,
                    words=words.format(uris=", ".join(missing), known=", ".join(sorted(registered))),
                )
            ]
        return [TestResult(subject=_("Redirects"), ok=True, words=_("All are registered with Makini."))]

    def _clock(self) -> TestResult:
        skew = self._skew()
        if skew is None:
            return TestResult(subject=_("Clock"), ok=None, words=_("The server does not tell its time."))
        if abs(skew) < SKEW_WARNED:
            return TestResult(subject=_("Clock"), ok=True, words=_("It agrees with the server's."))
        words = (
            _("This computer's clock is {seconds} s ahead of the server's. Set it right.")
            if skew > 0
            else _("This computer's clock is {seconds} s behind the server's. Set it right.")
        )
        return TestResult(subject=_("Clock"), ok=False, words=words.format(seconds=round(abs(skew))))


def _registered(uri: str, registered: set[str]) -> bool:
    """Tell whether a redirect URI is among those registered; a loopback one on any port (RFC 8252)."""
    if uri in registered:
        return True
    ours = urlsplit(uri)
    return is_loopback(ours.hostname or "") and any(
        (other := urlsplit(each)).scheme == ours.scheme
        and other.hostname == ours.hostname
        and other.path == ours.path
        for each in registered
    )
