"""``makini-desktop capabilities`` and ``api``: what the server offers, and how its version fares."""

from __future__ import annotations

import argparse
from typing import Any

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.core.text import _, ngettext
from makini_desktop.domain.capability import ENDPOINTS, Capability, Endpoint, Finding
from makini_desktop.domain.errors import ClientRejected, MakiniMustAct
from makini_desktop.domain.health import Health
from makini_desktop.domain.version import VersionNews
from makini_desktop.services import moments
from makini_desktop.services.capabilities import name, not_offered, words


async def capabilities(program: Program, arguments: argparse.Namespace) -> int:
    """Print the table of endpoints with what was found; nothing is asked for it."""
    await program.open()
    findings = program.store.capabilities
    if arguments.json:
        output.document([_row(each, findings.get(each.capability)) for each in ENDPOINTS.values()])
        return 0
    now = program.clock.now()
    output.table(
        (_("Capability"), _("Request"), _("Token"), _("Mark"), _("Offered"), _("Seen")),
        [
            (
                each.capability.value,
                _request(each),
                each.bearer.value,
                each.provenance.value,
                _offered(finding := findings.get(each.capability)),
                moments.relative(finding.at if finding is not None else None, now),
            )
            for each in ENDPOINTS.values()
        ],
    )
    for lacking in not_offered(findings):
        output.say(words(lacking))
    output.say(_("“makini-desktop accounts test” finds it out anew."))
    return 0


async def api(program: Program, arguments: argparse.Namespace) -> int:
    """Print the version in use and what the server says of its future: fresh where possible, else as kept.

    Raises:
        VersionNotSpoken: the server speaks another version only.
        MakiniDesktopError: nothing can be asked and nothing is kept.
    """
    await program.open()
    try:
        await program.api.client()
    except (MakiniMustAct, ClientRejected) as error:
        if program.store.version is None:
            raise
        output.error(error)
        output.warn(_("This is what was known before."))
    news = program.store.version
    assert news is not None  # noqa: S101 - the answer to `client` told it, else there was an error
    if arguments.json:
        output.document(_news_document(program, news))
        return 0
    for sentence in _news_sentences(program, news):
        output.say(sentence)
    return 0


def _row(endpoint: Endpoint, finding: Finding | None) -> dict[str, Any]:
    return {
        "capability": endpoint.capability.value,
        "methods": list(endpoint.methods),
        "path": endpoint.path,
        "token": endpoint.bearer.value,
        "mark": endpoint.provenance.value,
        "offered": finding.offered if finding is not None else None,
        "at": output.time_of(finding.at) if finding is not None else None,
        "instead": endpoint.instead.value if endpoint.instead is not None else None,
        "words": words(endpoint.capability) if finding is not None and not finding.offered else None,
    }


def _request(endpoint: Endpoint) -> str:
    return f"{', '.join(endpoint.methods)} {endpoint.path}"


def _offered(finding: Finding | None) -> str:
    if finding is None:
        return _("not known yet")
    return _("yes") if finding.offered else _("no")


def _news_document(program: Program, news: VersionNews) -> dict[str, Any]:
    account = program.account
    return {
        "account": account.name,
        "version": news.version,
        "stated": account.version,
        "version_in": account.version_in.value if account.version_in is not None else None,
        "deprecated": news.deprecated,
        "deprecated_since": output.time_of(news.deprecated_since),
        "ends_at": output.time_of(news.ends_at),
        "days_left": news.days_left(program.clock.now()),
        "guide": news.guide,
        "successor": news.successor,
        "calls": list(news.calls),
        "connections": _connections_hit(program, news),
        "seen_at": output.time_of(news.seen_at),
    }


def _news_sentences(program: Program, news: VersionNews) -> list[str]:
    account, now = program.account, program.clock.now()
    place = account.version_in.value if account.version_in is not None else _("place not known yet")
    said = [_("API {version} ({place}).").format(version=news.version, place=place)]
    if news.version != account.version:
        said.append(
            _("The account states {stated}; the server answers as {version}.").format(
                stated=account.version, version=news.version
            )
        )
    if not news.deprecated:
        return [*said, _("It is not deprecated.")]
    if news.deprecated_since is not None:
        said.append(_("Deprecated since {day}.").format(day=moments.date(news.deprecated_since)))
    left = news.days_left(now)
    if news.ends_at is not None and left is not None:
        day = moments.date(news.ends_at)
        said.append(
            ngettext("It ends on {day}, in {count} day.", "It ends on {day}, in {count} days.", left).format(
                day=day, count=left
            )
            if news.ends_at > now
            else _("It ended on {day}.").format(day=day)
        )
    said += [f"{label}: {url}" for label, url in _links(news) if url is not None]
    count = _connections_hit(program, news)
    said.append(
        ngettext(
            "{count} connection is hit, by these calls: {calls}.",
            "{count} connections are hit, by these calls: {calls}.",
            count,
        ).format(count=count, calls=", ".join(_call_name(call) for call in news.calls))
    )
    return said


def _links(news: VersionNews) -> tuple[tuple[str, str | None], ...]:
    return (_("Guide"), news.guide), (_("Successor"), news.successor)


def _connections_hit(program: Program, news: VersionNews) -> int:
    """Return how many connections are watched by deprecated calls; the list speaks of all of them."""
    if not news.calls:
        return 0
    rows = program.store.rows.values()
    return sum(row.connection.readable and row.health is not Health.DISCONNECTED for row in rows)


def _call_name(call: str) -> str:
    """Return what a call is called; the token endpoint is in no table of capabilities."""
    return name(Capability(call)) if call in {each.value for each in Capability} else _("tokens")
