"""What a sign-on demands is met by what a browser does, and by nothing less."""

import base64
import html
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


async def test_hops_go_through_three_hosts_with_a_cookie_and_a_form_that_sends_itself(box):
    sign_in = await follow(box, await demanded(box, "redirects"))
    assert str(sign_in.url).startswith(f"{THIRD}/oauth/authorize/continue")
    sending = await box.sign_in(sign_in)
    assert "document.forms[0].submit()" in sending.text
    proof = re.search(r'name="proof" value="([^"]+)"', sending.text)[1]
    await finish(box, await box.submit(sending, proof=proof))


async def test_hops_need_the_cookie(box):
    sending = await box.sign_in(await follow(box, await demanded(box, "redirects")))
    box.client.cookies.clear()
    proof = re.search(r'name="proof" value="([^"]+)"', sending.text)[1]
    stopped = await follow(box, await box.submit(sending, proof=proof))
    assert stopped.status_code == 400
    assert "cookie" in stopped.text


async def test_http_authentication_is_asked_for_until_it_is_right(box):
    asked = await demanded(box, "http_auth")
    page = await follow(box, asked)
    assert page.status_code == 401
    assert page.headers["WWW-Authenticate"].startswith('Basic realm="')
    assert "Sign-in needed" in page.text
    assert (await box.client.get(page.url, auth=("admin", "guess"))).status_code == 401
    assert (await box.client.get(page.url, headers={"Authorization": "Basic !"})).status_code == 401
    await finish(box, await box.client.get(page.url, auth=PASSWORD))


async def test_a_sign_in_behind_a_proxy_is_reached_through_one_only(box):
    page = await follow(box, await demanded(box, "proxy_auth"))
    assert page.status_code == 403
    assert "proxy only" in page.text
    sign_in = await follow(box, await box.client.get(page.url, headers={"Via": "1.1 proxy"}))
    await finish(box, await box.sign_in(sign_in))


def client_data(page: httpx.Response, **changes: str) -> str:
    """What a browser signs: the challenge of the page, at the host that shows it."""
    challenge = unquoted(re.search(r'encode\("([^"]+)"\)', page.text)[1])
    encoded = base64.urlsafe_b64encode(challenge.encode()).rstrip(b"=").decode()
    return json.dumps({"type": "webauthn.get", "challenge": encoded, "origin": OTHER, **changes})


async def test_a_passkey_is_asked_for_at_a_host_with_a_name_and_checked_for_its_challenge(box):
    page = await follow(box, await demanded(box, "passkey"))
    assert str(page.url).startswith(f"{OTHER}/")
    assert "navigator.credentials.get" in page.text
    for wrong in ("", "[]", client_data(page, origin=BASE), client_data(page, challenge="else")):
        assert (await box.submit(page, client_data=wrong)).status_code == 400
    await finish(box, await box.submit(page, client_data=client_data(page)))


async def test_a_file_is_sent_and_the_login_goes_on_without_it(box):
    page = await box.sign_in(await demanded(box, "download"))
    address = html.unescape(re.search(r'href="([^"]+)"', page.text)[1])
    file = await box.client.get(address)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert await answers(box) == {"download": "sent"}
    await finish(box, await box.submit(page))


async def test_permissions_are_asked_for_and_what_came_of_it_is_told(box):
    page = await box.sign_in(await demanded(box, "permissions"))
    told = {"camera": "refused", "microphone": "refused", "location": "refused", "notifications": "refused"}
    for call in ("getUserMedia", "getCurrentPosition", "requestPermission"):
        assert call in page.text
    await finish(box, await box.submit(page, **told))
    assert await answers(box) == told


async def test_dialogs_need_their_answer(box):
    page = await box.sign_in(await demanded(box, "dialogs"))
    for call in ("alert(", "confirm(", "prompt(", "beforeunload"):
        assert call in page.text
    wrong = await box.submit(page, number="1")
    assert "not the employee number" in wrong.text
    await finish(box, await box.submit(wrong, number="4711"))


async def test_a_slow_sign_in_comes_in_the_end(make):
    box = make()
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    box.sandbox.pause = pause
    page = await demanded(box, "slow", seconds=17)
    assert 17 in waited
    await finish(box, await box.sign_in(page))


async def test_a_page_for_crashes_comes_so_many_times_before_the_sign_in(box):
    page = await demanded(box, "crash", times=1)
    assert "<form" not in page.text
    assert "End the process" in page.text
    again = await box.open_login(connection_id=box.a().key)
    await finish(box, await box.sign_in(again))


@pytest.mark.parametrize("agent", ["X11 QtWebEngine/6.11 Chrome/140", "Linux; Android 14; wv) Chrome/9"])
async def test_embedded_browsers_are_refused_at_another_host_and_others_let_in(box, agent):
    asked = await demanded(box, "no_embedding")
    address = asked.headers["Location"]
    assert address.startswith(f"{OTHER}/oauth/authorize/embedding")
    refused = await box.client.get(address, headers={"User-Agent": agent})
    assert refused.status_code == 403
    assert "disallowed_useragent" in refused.text
    await finish(box, await box.sign_in(await follow(box, asked)))


@pytest.mark.parametrize("path", ["popup", "hop", "hop-back", "http-auth", "through-proxy", "certificate",
                                  "passkey", "embedding", "download", "continue"])  # fmt: skip
async def test_pages_of_a_login_that_has_ended_or_demands_something_else_lead_nowhere(box, path):
    page = await box.client.get(f"/oauth/authorize/{path}", params={"login": "unknown"})
    assert page.status_code == 400
    if path != "continue":
        plain = await box.open_login(connection_id=box.a().key)
        page = await box.client.get(f"/oauth/authorize/{path}", params={"login": login_of(plain)})
        assert page.status_code == 400


async def test_a_new_customer_meets_demands_too(box):
    await box.control("login_demand", demand="http_auth")
    asked = await box.submit(await box.open_login(), system="odoo")
    consent = await follow(box, await box.client.get(asked.headers["Location"], auth=PASSWORD))
    back = returned(await box.submit(consent, decision="allow"))
    pair = (await box.exchange(back["code"])).json()
    current = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert current.json()["data"]["company_name"] == "New customer"


async def test_only_a_page_of_ours_may_run_its_script(box):
    opener = await demanded(box, "popup")
    nonce = re.search(r"script-src 'nonce-([^']+)'", opener.headers["Content-Security-Policy"])[1]
    assert re.findall(r"<script[^>]*>", opener.text) == [f'<script nonce="{nonce}">']
