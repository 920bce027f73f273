"""Every way the program can fail, split by who must act.

    MakiniDesktopError
    ├── PersonMustAct                 the person at this computer
    │   ├── UsageError                an order that cannot be followed as given        exit 2
    │   ├── PermissionDenied          the account may not do this (403)                exit 1
    │   ├── InvalidRequest            the server refuses the values (400, 422)         exit 1
    │   ├── ClientRejected            client id or secret are not accepted             exit 1
    │   │   └── NoClientSecret        the account has none                             exit 1
    │   ├── VersionNotSpoken          the server speaks another version only           exit 1
    │   ├── IssueNotAllowed           a token would have to be issued, nobody agreed   exit 3
    │   ├── ProfileInUse              another process holds the profile or attempt     exit 1
    │   ├── BrowserUnavailable        no browser to sign in with, or its port is taken exit 1
    │   ├── ProfileUnwritable         the disk is full, or the folder not ours         exit 1
    │   ├── StartAtLoginRefused       the session's own files cannot be written        exit 1
    │   ├── StoreTooNew               the database is from a newer version             exit 1
    │   ├── StoreDamaged              the database cannot be read                      exit 1
    │   ├── VaultDamaged              the vault file fails its authentication          exit 5
    │   └── KeychainUnavailable       missing, locked or denied                        exit 5
    │       ├── KeychainMissing
    │       ├── KeychainLocked
    │       └── KeychainDenied
    ├── CustomerMustAct               the customer, or the person for them
    │   ├── ReconnectNeeded           their credentials no longer hold                 exit 3
    │   └── SystemUnreachable         their system is offline (503)                    exit 1
    ├── MakiniMustAct                 the server, or the line to it
    │   ├── Unreachable               no answer: network, DNS, TLS, time-out           exit 4
    │   │   ├── TimedOut              silence for too long                             exit 4
    │   │   ├── NotMakini             somebody in between answers: a sign-in page      exit 4
    │   │   ├── ProxyRefuses          the proxy in between lets nothing through        exit 4
    │   │   └── CertificateRejected   its certificate is not trusted here              exit 4
    │   ├── RateLimited               429; retry after                                 exit 1
    │   ├── ServerFailed              5xx                                              exit 1
    │   ├── AnswerUnreadable          not what the contract says                       exit 1
    │   ├── NotOffered                404, 405, 501: the server lacks it               exit 1
    │   └── ConnectionGone            the server no longer knows the connection        exit 1
    ├── TokenRejected                 401 that a refresh may cure; seen by services only
    └── SyncUnderWay                  409; carries the running sync; seen by services only

Adapters translate library errors into these and keep the cause (``raise … from``).
Texts are sentences for a person and never hold a secret.
"""

from __future__ import annotations

from makini_desktop.domain.sync import Sync


class MakiniDesktopError(Exception):
    """The root of the tree.

    Attributes:
        request_id: the server's id of the failed request, to quote to support.
        code: the server's own error code, kept raw.
        status: the HTTP status, where there was one.
    """

    exit_code = 1

    def __init__(
        self,
        sentence: str,
        *,
        request_id: str | None = None,
        code: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.request_id = request_id
        self.code = code
        self.status = status

    @property
    def detail(self) -> str:
        """The result in the server's terms, for example "401 REAUTHORIZATION_REQUIRED"."""
        return " ".join(str(part) for part in (self.status, self.code) if part)


class PersonMustAct(MakiniDesktopError):
    """The person at this computer can mend it."""


class UsageError(PersonMustAct):
    """An order that cannot be followed as given.

    Attributes:
        field: which of several values cannot be used, by its name in code; empty where that is not said.
    """

    exit_code = 2

    def __init__(
        self,
        sentence: str,
        *,
        field: str = "",
        request_id: str | None = None,
        code: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(sentence, request_id=request_id, code=code, status=status)
        self.field = field


class PermissionDenied(PersonMustAct):
    """The server understood and refuses (403)."""


class InvalidRequest(PersonMustAct):
    """The server refuses the values sent (400, 422); the sentence names the field.

    Attributes:
        field: its name in the contract's words; empty where the server names none.
    """

    field: str = ""


class ClientRejected(PersonMustAct):
    """The account's client id or secret is not accepted."""


class VersionNotSpoken(PersonMustAct):
    """The server does not speak the API version that the account states."""


class NoClientSecret(ClientRejected):
    """The account has no client secret: only connections whose token is held can be watched."""


class IssueNotAllowed(PersonMustAct):
    """Only a newly issued token would help, and nobody has agreed to that (contract section 2)."""

    exit_code = 3


class ProfileInUse(PersonMustAct):
    """Another process holds the profile folder, or an attempt for this connection."""


class BrowserUnavailable(PersonMustAct):
    """No login is possible in the system's browser: there is none, or nobody can listen for it."""


class ProfileUnwritable(PersonMustAct):
    """The profile folder takes no more: the disk is full, or the folder belongs to somebody else."""


class StartAtLoginRefused(PersonMustAct):
    """What the session starts cannot be changed: its folder or list belongs to somebody else."""


class StoreTooNew(PersonMustAct):
    """The database was written by a newer version of the program."""


class StoreDamaged(PersonMustAct):
    """The database cannot be read; it is left as it is."""


class VaultDamaged(PersonMustAct):
    """The vault file fails its authentication: altered, cut, or under another key."""

    exit_code = 5


class KeychainUnavailable(PersonMustAct):
    """The key to the vault cannot be had; one of three named states."""

    exit_code = 5


class KeychainMissing(KeychainUnavailable):
    """There is no keychain service on this computer."""


class KeychainLocked(KeychainUnavailable):
    """The keychain is locked and nobody answered its prompt."""


class KeychainDenied(KeychainUnavailable):
    """The keychain refused this program, or its prompt was dismissed."""


class CustomerMustAct(MakiniDesktopError):
    """Only the customer, or somebody for them, can mend it."""


class ReconnectNeeded(CustomerMustAct):
    """The customer's credentials no longer hold; a new login is needed."""

    exit_code = 3


class SystemUnreachable(CustomerMustAct):
    """The customer's own system does not answer; reconnecting does not help."""


class MakiniMustAct(MakiniDesktopError):
    """The server, or the line to it, has to come right."""


class Unreachable(MakiniMustAct):
    """No answer at all: network, name look-up, TLS or time-out."""

    exit_code = 4


class TimedOut(Unreachable):
    """The server was silent for longer than anybody waits."""


class NotMakini(Unreachable):
    """What answered is not Makini: the sign-in page of a network, or a wrong address."""


class ProxyRefuses(Unreachable):
    """The proxy in between wants a login, or lets nothing through."""


class CertificateRejected(Unreachable):
    """The server's certificate is not trusted on this computer."""


class RateLimited(MakiniMustAct):
    """Too many requests (429).

    Attributes:
        retry_after: seconds to wait, where the server said so.
    """

    retry_after: float | None = None


class ServerFailed(MakiniMustAct):
    """The server failed (5xx)."""


class AnswerUnreadable(MakiniMustAct):
    """The answer is not what the contract says."""


class NotOffered(MakiniMustAct):
    """The server lacks this endpoint (404, 405 or 501)."""


class ConnectionGone(MakiniMustAct):
    """The server no longer knows this connection."""


class TokenRejected(MakiniDesktopError):
    """A 401 that a refresh may cure; services turn it into a new token or `ReconnectNeeded`."""


class SyncUnderWay(MakiniDesktopError):
    """A sync is running already (409).

    Attributes:
        running: that sync, where the server named it.
    """

    running: Sync | None = None
