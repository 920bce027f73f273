"""An account as it is being typed, and what testing it has shown."""

from __future__ import annotations

import msgspec

from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.token import Secret
from makini_desktop.services.accounts import new_account


class AccountDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What the account dialog holds.

    Attributes:
        client_secret: typed once, never shown again; None for an account that is watched by tokens only.
        version_in: None to find out.
        issue_tokens: the answer to the question of contract section 2.
    """

    name: str
    api_base: str
    link_base: str
    client_id: str
    client_secret: Secret | None = None
    redirect_uris: tuple[str, ...] = ()
    version: str = "v1"
    version_in: VersionPlacement | None = None
    issue_tokens: bool = False

    def account(self) -> Account:
        """Return the account.

        Raises:
            UsageError: a value cannot be used; the sentence says which and why.
        """
        return new_account(
            name=self.name,
            api_base=self.api_base,
            link_base=self.link_base,
            client_id=self.client_id,
            redirect_uris=self.redirect_uris,
            version=self.version,
            version_in=self.version_in,
            issue_tokens=True if self.issue_tokens else None,
        )


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that "Test account" looked at.

    Attributes:
        subject: what was looked at, in words: "Client", "Version", "Clock".
        ok: None where it could not be looked at, or is worth knowing but no fault.
        words: what was found, and what to do about it.
    """

    __test__ = False

    subject: str
    ok: bool | None
    words: str
