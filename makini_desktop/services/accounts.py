"""Accounts: checked before they are kept, their secret in the vault, their facts in the database."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from makini_desktop.core.redirect import Redirect, RedirectError, is_protected
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, AccountName, VersionPlacement
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Database, Vault

_VERSION = re.compile(r"[A-Za-z0-9._-]+")


def new_account(
    *,
    name: str,
    api_base: str,
    link_base: str,
    client_id: str,
    redirect_uris: Sequence[str],
    version: str = "v1",
    version_in: VersionPlacement | None = None,
    issue_tokens: bool | None = None,
    sandbox: bool = False,
) -> Account:
    """Return an account made of what a person typed.

    Raises:
        UsageError: a value cannot be used; the sentence says which and why.
    """
    if not name.strip():
        raise UsageError(_("An account needs a name."), field="name")
    if not client_id.strip():
        raise UsageError(_("An account needs a client id."), field="client_id")
    if not redirect_uris:
        raise UsageError(_("An account needs at least one redirect URI."), field="redirect_uris")
    if not _VERSION.fullmatch(version.strip()):
        raise UsageError(
            _("“{version}” is no API version; it looks like v1.").format(version=version), field="version"
        )
    for uri in redirect_uris:
        try:
            Redirect.parse(uri)
        except RedirectError as error:
            raise UsageError(
                _("The redirect URI {uri} cannot be used: {why}.").format(uri=_shown(uri), why=error),
                field="redirect_uris",
            ) from error
    return Account(
        name=AccountName(name.strip()),
        api_base=_base(api_base, _("API base"), "api_base"),
        link_base=_base(link_base, _("link base"), "link_base"),
        client_id=client_id.strip(),
        redirect_uris=tuple(redirect_uris),
        version=version.strip(),
        version_in=version_in,
        issue_tokens=issue_tokens,
        sandbox=sandbox,
    )


def _base(url: str, what: str, field: str) -> str:
    address = url.strip()
    if not is_protected(address) or any(mark in address for mark in "@?#"):
        raise UsageError(
            _(
                "The {what} {url} cannot be used: it has to be https, or http on this computer, "
                "with nothing but a host and a path."
            ).format(what=what, url=_shown(url)),
            field=field,
        )
    return address.rstrip("/")


def _shown(url: str) -> str:
    """Return `url` as it may be shown: without a name or password before the host."""
    before, at, after = url.rpartition("@")
    return f"{before.partition('//')[0]}//…@{after}" if at else url


class Accounts:
    """The accounts of one profile; the sandbox's own account stays apart from the others."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def all(self, *, sandbox: bool) -> tuple[Account, ...]:
        """Return the sandbox's account, or all others."""
        return tuple(each for each in await self._database.accounts() if each.sandbox is sandbox)

    async def choose(self, name: str | None) -> Account:
        """Return the account named, or the only one.

        Raises:
            UsageError: there is none, none of that name, or several and none named.
        """
        known = await self.all(sandbox=False)
        if name is not None:
            for account in known:
                if account.name == name:
                    return account
            raise UsageError(
                _("There is no account “{name}”. Known: {names}.").format(name=name, names=_names(known))
            )
        if not known:
            raise UsageError(
                _("There is no account yet. Add one with “makini-desktop accounts add”, or try --sandbox.")
            )
        if len(known) > 1:
            raise UsageError(
                _("There are several accounts; name one with --account: {names}.").format(names=_names(known))
            )
        return known[0]

    async def add(self, account: Account, secret: Secret | None) -> None:
        """Keep a new account and its client secret.

        Raises:
            UsageError: there is one of this name already.
        """
        if any(each.name == account.name for each in await self._database.accounts()):
            raise UsageError(
                _("There is an account “{name}” already; remove it first.").format(name=account.name)
            )
        if secret is not None:
            await self._vault.set_client_secret(account.name, secret)
        await self._database.save_account(account)

    async def keep_sandbox(self, account: Account, secret: Secret) -> Account:
        """Keep the sandbox's account as it is this time; what was learned of it stays."""
        for known in await self.all(sandbox=True):
            if known.name == account.name and known.version_in == account.version_in:
                account = msgspec.structs.replace(account, state_echoed=known.state_echoed)
        if await self._vault.client_secret(account.name) != secret:
            await self._vault.set_client_secret(account.name, secret)
        await self._database.save_account(account)
        return account

    async def remove(self, account: Account) -> None:
        """Forget an account, its secrets first."""
        await self._vault.forget_account(account.name)
        await self._database.remove_account(account.name)


def _names(accounts: Sequence[Account]) -> str:
    return ", ".join(account.name for account in accounts) or _("none")
