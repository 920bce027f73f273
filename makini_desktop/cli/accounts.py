"""``makini-desktop accounts``: add, list, test, remove."""

from __future__ import annotations

import argparse

from makini_desktop.app import Program
from makini_desktop.cli import output
from makini_desktop.cli.typed import typed_secret
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.services.accounts import new_account


async def accounts(program: Program, arguments: argparse.Namespace) -> int:
    """Run one of the account commands."""
    match arguments.accounts_command:
        case "add":
            return await _add(program, arguments)
        case "list":
            return await _list(program, arguments)
        case "test":
            return await _test(program, arguments)
        case _:
            return await _remove(program, arguments)


async def _add(program: Program, arguments: argparse.Namespace) -> int:
    account = new_account(
        name=arguments.name,
        api_base=arguments.api_base,
        link_base=arguments.link_base,
        client_id=arguments.client_id,
        redirect_uris=arguments.redirect_uri,
        version=arguments.api_version,
        version_in=None if arguments.version_in == "auto" else VersionPlacement(arguments.version_in),
        issue_tokens=True if arguments.issue_tokens else None,
    )
    secret = (
        await typed_secret(_("Client secret: "), _("There was no client secret on stdin."))
        if arguments.client_secret_stdin
        else None
    )
    await program.open_stores()
    await program.accounts.add(account, secret)
    if arguments.json:
        output.document(_document(account))
    else:
        output.say(_("Added the account “{name}”.").format(name=account.name))
    if secret is None:
        output.warn(
            _(
                "It has no client secret yet: add its connections by their tokens with “connections add "
                "--token-stdin”, or add it again with --client-secret-stdin."
            )
        )
    return 0


async def _list(program: Program, arguments: argparse.Namespace) -> int:
    await program.open_database()
    known = await program.accounts.all(sandbox=False)
    if arguments.json:
        output.document([_document(account) for account in known])
    elif known:
        output.table(
            (_("Account"), _("API base"), _("Client id")),
            [(account.name, account.api_base, account.client_id) for account in known],
        )
    else:
        output.say(_("There is no account yet. Add one with “makini-desktop accounts add”."))
    return 0


async def _test(program: Program, arguments: argparse.Namespace) -> int:
    await program.open(arguments.name)
    placement = await program.api.place_version()
    client = (await program.api.client()).value
    version = program.api.api_version() or program.account.version
    results = await program.test()
    good = all(result.ok is not False for result in results)
    if arguments.json:
        output.document(
            {
                "ok": good,
                "account": program.account.name,
                "client": client.name,
                "version": version,
                "stated": program.account.version,
                "version_in": placement.value,
                "not_offered": [each.value for each in program.discovery.lacking()],
                "checks": [
                    {"subject": result.subject, "ok": result.ok, "words": result.words} for result in results
                ],
            }
        )
        return 0 if good else 1
    output.say(
        _("The account “{name}” works: Makini knows it as {client}, API {version} ({placement}).").format(
            name=program.account.name, client=client.name, version=version, placement=placement.value
        )
    )
    for result in results:
        if result.ok is not True:
            output.say(f"{result.subject}: {result.words}")
    return 0 if good else 1


async def _remove(program: Program, arguments: argparse.Namespace) -> int:
    await program.open_stores()
    account = await program.accounts.choose(arguments.name)
    await program.accounts.remove(account)
    if arguments.json:
        output.document({"removed": account.name})
    else:
        output.say(_("Removed the account “{name}” and its secrets.").format(name=account.name))
    return 0


def _document(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "api_base": account.api_base,
        "link_base": account.link_base,
        "client_id": account.client_id,
        "redirect_uris": list(account.redirect_uris),
        "version": account.version,
        "version_in": account.version_in.value if account.version_in else "auto",
        "issue_tokens": account.issue_tokens,
    }
