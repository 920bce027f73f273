"""What a sign-on demands is met by what a browser does, and by nothing less."""

import json
import re

import httpx
import pytest

from makini_desktop.sandbox.demands import DEMANDS
from tests.sandbox.harness import BASE, bearer, returned

OTHER = BASE.replace("127.0.0.1", "localhost")
THIRD = BASE.replace("127.0.0.1", "[::1]")
PASSWORD = ("admin", "correct-horse")


async def demanded(box, demand: str, **parameters: object) -> httpx.Response:
    """The first answer of a login whose sign-on demands something."""
    await box.control("login_demand", box.a(), demand=demand, **parameters)
    return await box.open_login(connection_id=box.a().key)


async def follow(box, answer: httpx.Response) -> httpx.Response:
    """The page that a redirect leads to, as a browser goes there."""
    while answer.is_redirect:
        answer = await box.client.get(answer.headers["Location"])
    return answer


async def finish(box, answer: httpx.Response) -> None:
    """Allow access on the page that the answer leads to, and get a token for the code."""
    consent = await follow(box, answer)
    assert "Allow access?" in consent.text
    assert str(consent.url).startswith(BASE)
    back = returned(await box.submit(consent, decision="allow"))
    assert back["state"] == "the-state"
    pair = (await box.exchange(back["code"])).json()
    current = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert current.json()["data"]["id"] == box.a().key


async def answers(box) -> dict[str, str]:
    return (await box.client.get("/sandbox/state")).json()["demand_answers"]


def login_of(page: httpx.Response) -> str:
    return re.search(r'name="login" value="([^"]+)"', page.text)[1]


def unquoted(script: str) -> str:
    """A JavaScript string of ours."""
    return json.loads(f'"{script}"')


def popup_address(page: httpx.Response) -> str:
    return unquoted(re.search(r'new URL\("([^"]+)"\)', page.text)[1])


async def test_a_pop_up_on_another_host_signs_in_and_its_proof_is_the_openers_answer(box):
    opener = await demanded(box, "popup")
    assert popup_address(opener).startswith(f"{OTHER}/oauth/authorize/popup?login=")
    popup = await box.client.get(popup_address(opener))
    assert box.a().name in popup.text
    wrong = await box.submit(popup, user="admin", password="guess")
    assert "Wrong user name or password." in wrong.text
    done = await box.sign_in(wrong)
    proof, origin = re.search(r'postMessage\(\{ proof: "([^"]+)" \}, "([^"]+)"\)', done.text).groups()
    assert unquoted(origin) == BASE
    await finish(box, await box.submit(opener, proof=unquoted(proof)))


async def test_a_pop_up_that_nobody_signed_in_to_lets_nobody_in(box):
    opener = await demanded(box, "popup")
    assert (await box.submit(opener, proof="made up")).status_code == 400
    by_password = {"login": login_of(opener), "user": PASSWORD[0], "password": PASSWORD[1]}
    assert (await box.client.post("/oauth/authorize/sign-in", data=by_password)).status_code == 400
    decision = {"login": login_of(opener), "decision": "allow"}
    assert (await box.client.post("/oauth/authorize/decision", data=decision)).status_code == 400


@pytest.mark.parametrize("demand", [d for d in DEMANDS if d not in {"client_certificate", "slow"}])
async def test_a_demand_holds_for_its_connection_alone_and_ends_with_none(box, demand):
    other = next(c for c in box.sandbox.world if c.key != box.a().key)
    await box.control("login_demand", box.a(), demand=demand)
    assert "Sign in" in (await box.open_login(connection_id=other.key)).text
    await box.control("login_demand", box.a(), demand="none")
    assert set(await box.log_in(box.a())) == {"code", "state"}


async def test_a_demand_on_every_login_is_made_so_many_times(box):
    await box.control("login_demand", demand="blank", times=2)
    for _ in range(2):
        assert "<form" not in (await box.open_login(connection_id=box.a().key)).text
    assert "<form" in (await box.open_login(connection_id=box.a().key)).text


async def test_a_pop_up_page_can_be_cancelled(box):
    opener = await demanded(box, "popup")
    assert 'formaction="/oauth/authorize/cancel"' in opener.text
    back = await box.client.post("/oauth/authorize/cancel", data={"login": login_of(opener)})
    assert returned(back)["error"] == "access_denied"


@pytest.mark.parametrize("wrong", [{"demand": "fingerprint"}, {"demand": "client_certificate"}])
async def test_a_demand_that_cannot_be_made_is_refused(box, wrong):
    order = {"action": "login_demand", **wrong}
    assert (await box.client.post("/sandbox/control", json=order)).status_code == 422
