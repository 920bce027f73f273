"""Accounts: nothing unusable is kept, the secret lies in the vault, the sandbox stays apart."""

import msgspec
import pytest

from makini_desktop.adapters.vault.memory import MemoryVault
from makini_desktop.domain.account import VersionPlacement
from makini_desktop.domain.errors import UsageError
from makini_desktop.domain.token import Secret
from makini_desktop.services.accounts import Accounts, new_account
from tests.fakes.database import FakeDatabase

GOOD = {
    "name": "acme",
    "api_base": "https://api.makini.example",
    "link_base": "https://link.makini.example",
    "client_id": "client-1",
    "redirect_uris": ["https://app.example.com/callback"],
}


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def accounts(database, vault) -> Accounts:
    return Accounts(database, vault)


def test_what_was_typed_is_kept_without_the_blanks_around_it():
    typed = {"name": " acme ", "api_base": " https://api.makini.example/v/ ", "client_id": " client-1 "}
    account = new_account(**GOOD | typed)
    assert (account.name, account.api_base, account.client_id) == (
        "acme",
        "https://api.makini.example/v",
        "client-1",
    )
    assert account.redirect_uris == ("https://app.example.com/callback",)
    assert account.issue_tokens is None


def test_http_on_this_computer_will_do():
    assert new_account(**GOOD | {"api_base": "http://127.0.0.1:8080"}).api_base == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "  ", "name"),
        ("client_id", "", "client id"),
        ("redirect_uris", [], "redirect URI"),
        ("redirect_uris", ["https://good.example/cb", "ftp://app.example.com/"], "ftp://app.example.com/"),
        ("redirect_uris", ["http://app.example.com/cb"], "http://app.example.com/cb"),
        ("redirect_uris", ["https://app.example.com/cb#part"], "https://app.example.com/cb#part"),
        ("version", "", "API version"),
        ("version", "v1/x", "v1/x"),
        ("version", "v 1", "v 1"),
        ("version", "v1?x=1", "v1?x=1"),
        *[
            (field, value, f"{what} {value}")
            for field, what in (("api_base", "API base"), ("link_base", "link base"))
            for value in (
                "",
                "api.makini.example",
                "http://api.makini.example",
                "ftp://api.makini.example",
                "https://",
                "https://api.makini.example?x=1",
                "https://api.makini.example/?",
                "https://api.makini.example#part",
                "https://[::1",
                "https://api.makini.example:port",
                "https://api makini.example",
            )
        ],
    ],
)
def test_a_value_that_cannot_be_used_is_named(field, value, words):
    with pytest.raises(UsageError) as raised:
        new_account(**GOOD | {field: value})
    assert words in str(raised.value)


@pytest.mark.parametrize("field", ["api_base", "link_base", "redirect_uris"])
@pytest.mark.parametrize("user", ["user", "user:5up3r", ":5up3r", ":5up3r@x"])
def test_a_name_or_password_in_an_address_is_refused_and_not_repeated(field, user):
    address = f"https://{user}@host.example/path"
    with pytest.raises(UsageError, match=r"https://…@host\.example/path") as raised:
        new_account(**GOOD | {field: [address] if field == "redirect_uris" else address})
    assert "5up3r" not in str(raised.value)


async def test_a_new_account_is_kept_and_its_secret_lies_in_the_vault(accounts, vault):
    account = new_account(**GOOD)
    await accounts.add(account, Secret("client-5up3r"))
    assert await accounts.choose(None) == account
    assert await vault.client_secret(account.name) == Secret("client-5up3r")


async def test_a_name_is_given_once(accounts, vault):
    account = new_account(**GOOD)
    await accounts.add(account, Secret("client-5up3r"))
    with pytest.raises(UsageError, match="“acme” already"):
        await accounts.add(account, Secret("another"))
    assert await vault.client_secret(account.name) == Secret("client-5up3r")


async def test_one_of_several_has_to_be_named(accounts):
    one, two = new_account(**GOOD), new_account(**GOOD | {"name": "globex"})
    await accounts.add(one, None)
    await accounts.add(two, None)
    with pytest.raises(UsageError, match="acme, globex"):
        await accounts.choose(None)
    assert await accounts.choose("globex") == two


async def test_a_name_that_nobody_has_is_told_with_those_there_are(accounts):
    with pytest.raises(UsageError, match=r"“nobody”.*none"):
        await accounts.choose("nobody")
    await accounts.add(new_account(**GOOD), None)
    with pytest.raises(UsageError, match=r"“nobody”.*acme"):
        await accounts.choose("nobody")


async def test_without_any_account_the_way_to_one_is_told(accounts):
    with pytest.raises(UsageError, match="accounts add"):
        await accounts.choose(None)


async def test_the_sandbox_is_not_among_the_accounts_to_choose(accounts):
    sandbox = new_account(**GOOD | {"name": "sandbox"}, sandbox=True)
    await accounts.keep_sandbox(sandbox, Secret("sandbox-5up3r"))
    assert await accounts.all(sandbox=True) == (sandbox,)
    assert await accounts.all(sandbox=False) == ()
    with pytest.raises(UsageError):
        await accounts.choose("sandbox")


@pytest.mark.parametrize(
    ("version_in", "echoed"), [(VersionPlacement.PATH, True), (VersionPlacement.HEADER, None)]
)
async def test_what_was_learned_of_the_sandbox_stays_while_it_is_the_same(
    accounts, database, version_in, echoed
):
    before = new_account(**GOOD, sandbox=True, version_in=VersionPlacement.PATH)
    await database.save_account(msgspec.structs.replace(before, state_echoed=True))
    after = await accounts.keep_sandbox(
        new_account(**GOOD, sandbox=True, version_in=version_in), Secret("another")
    )
    assert after.state_echoed is echoed
    assert await accounts.all(sandbox=True) == (after,)


async def test_removing_an_account_leaves_nothing_of_it(accounts, vault):
    account = new_account(**GOOD)
    await accounts.add(account, Secret("client-5up3r"))
    await accounts.remove(account)
    assert await accounts.all(sandbox=False) == ()
    assert await vault.client_secret(account.name) is None
