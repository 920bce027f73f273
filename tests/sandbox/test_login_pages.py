import html
import re

import pytest

from tests.sandbox.harness import bearer, returned


def autofocused(page) -> str:
    (tag,) = re.findall(r"<[^>]*\bautofocus\b[^>]*>", page.text)
    return re.search(r'name="(\w+)"', tag)[1]


async def test_a_named_connection_goes_straight_to_the_sign_in_and_names_the_customer(box):
    connection = box.a()
    page = await box.open_login(connection_id=connection.key)
    assert connection.name in page.text
    assert html.escape(connection.platform.name) in page.text
    assert autofocused(page) == "user"


async def test_without_a_connection_the_system_is_chosen_first(box):
    page = await box.open_login()
    assert page.text.count('type="radio"') >= 12
    assert autofocused(page) == "system"
    sign_in = await box.submit(page, system="ibm_maximo")
    assert "IBM Maximo" in sign_in.text
    assert autofocused(sign_in) == "company"


async def test_a_wrong_password_is_said_and_can_be_tried_again(box):
    page = await box.open_login(connection_id=box.a().key)
    wrong = await box.submit(page, user="admin", password="guess")
    assert "Wrong user name or password." in wrong.text
    assert "guess" not in wrong.text
    assert autofocused(wrong) == "password"
    consent = await box.sign_in(wrong)
    assert autofocused(consent) == "decision"


async def test_an_empty_field_is_asked_for(box):
    page = await box.submit(await box.open_login(), system="odoo")
    assert "name of your company" in (await box.submit(page, user="admin", password="x")).text
    page = await box.open_login(connection_id=box.a().key)
    assert "Enter user name and password." in (await box.submit(page, user="", password="")).text


async def test_the_last_page_lists_what_is_asked_for(box):
    connection = box.a()
    consent = await box.sign_in(await box.open_login(connection_id=connection.key))
    for scope in connection.scopes:
        assert scope.replace("_", " ").capitalize() in consent.text


async def test_allowing_returns_with_a_code_and_the_state(box):
    assert set(await box.log_in(box.a())) == {"code", "state"}


async def test_refusing_returns_access_denied_and_changes_nothing(box):
    broken = box.a("credentials")
    consent = await box.sign_in(await box.open_login(connection_id=broken.key))
    back = returned(await box.submit(consent, decision="refuse"))
    assert (back["error"], back["state"]) == ("access_denied", "the-state")
    assert back["error_description"]
    assert broken.open_incident("credentials", box.clock())


@pytest.mark.parametrize("pages", [0, 1])
async def test_cancelling_on_any_page_returns_access_denied(box, pages):
    page = await box.open_login()
    for _ in range(pages):
        page = await box.submit(page, system="odoo")
    assert returned(await box.submit(page, cancel="1"))["error"] == "access_denied"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "https://evil.example/makini/callback"},
        {"redirect_uri": "http://127.0.0.1:51000/makini/callback/more"},
        {"redirect_uri": "http://127.0.0.1:51000/makini/callback?x=1"},
        {"redirect_uri": "http://localhost:51000/makini/callback"},
        {"redirect_uri": "http://user@127.0.0.1:51000/makini/callback"},
        {"redirect_uri": "http://127.0.0.1:99999/makini/callback"},
        {"redirect_uri": "https://integrations.example.com:8443/makini/callback"},
    ],
)
async def test_an_unknown_client_or_redirect_is_a_page_and_never_a_redirect(box, wrong):
    page = await box.open_login(**wrong)
    assert page.status_code == 400
    assert "Location" not in page.headers


@pytest.mark.parametrize(
    "redirect", ["http://127.0.0.1/makini/callback", "https://integrations.example.com/makini/callback"]
)
async def test_both_registered_redirects_are_taken(box, redirect):
    assert (await box.open_login(redirect_uri=redirect)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"response_type": "token"}, "unsupported_response_type"),
     ({"code_challenge_method": "plain"}, "invalid_request")],
)  # fmt: skip
async def test_other_mistakes_return_with_an_error(box, wrong, error):
    assert returned(await box.open_login(**wrong))["error"] == error


async def test_a_step_cannot_be_skipped_nor_a_finished_login_used_again(box):
    page = await box.open_login(connection_id=box.a().key)
    login = re.search(r'name="login" value="([^"]+)"', page.text)[1]
    skipped = await box.client.post("/oauth/authorize/decision", data={"login": login, "decision": "allow"})
    assert skipped.status_code == 400
    consent = await box.sign_in(page)
    await box.submit(consent, decision="allow")
    assert (await box.submit(consent, decision="allow")).status_code == 400


async def test_a_login_ends_after_a_quarter_of_an_hour(box):
    page = await box.open_login(connection_id=box.a().key)
    box.clock.advance(901)
    late = await box.sign_in(page)
    assert late.status_code == 400
    assert "has ended" in late.text


async def test_what_people_type_is_shown_as_text(box):
    page = await box.submit(await box.open_login(), system="odoo")
    shown = await box.submit(page, company="<script>x</script>", user='"><i>', password="guess")
    assert "<script>" not in shown.text
    assert '"><i>' not in shown.text


async def test_pages_need_no_script_and_are_not_kept(box):
    page = await box.open_login()
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_signing_in_renews_the_credentials_even_before_the_code_is_exchanged(box):
    broken = box.a("credentials")
    headers = await box.token(broken)
    assert (await box.get("/sync-status", headers)).status_code == 401
    await box.log_in(broken)
    assert (await box.get("/sync-status", headers)).json()["data"]["status"] == "completed"
    assert (await box.get("/integrations/current", headers)).json()["data"]["sync_status"] != "fail"


async def test_a_new_customer_gets_a_connection_with_its_first_sync_under_way(box):
    page = await box.submit(await box.open_login(), system="odoo")
    consent = await box.sign_in(page, company="Brand New Bakery")
    back = returned(await box.submit(consent, decision="allow"))
    pair = (await box.exchange(back["code"])).json()
    current = (await box.get("/integrations/current", bearer(pair["access_token"]))).json()["data"]
    assert (current["company_name"], current["provider"]) == ("Brand New Bakery", "odoo")
    status = (await box.get("/sync-status", bearer(pair["access_token"]))).json()["data"]
    assert status["current"]["type"] == "initial"


async def test_a_customer_known_to_have_lost_access_is_recognised_without_a_connection_id(box):
    broken = box.a("credentials")
    page = await box.submit(await box.open_login(), system=broken.platform_key)
    consent = await box.sign_in(page, company=broken.name.upper())
    pair = (await box.exchange(returned(await box.submit(consent, decision="allow"))["code"])).json()
    current = (await box.get("/integrations/current", bearer(pair["access_token"]))).json()["data"]
    assert current["id"] == broken.key


LINK = {
    "response_type": "code",
    "client_id": "sandbox",
    "redirect_uri": "https://integrations.example.com/makini/callback",
}
"""What a link to a customer carries: no state and no challenge, for nobody waits (contract section 2)."""


async def test_the_link_sent_to_a_customer_ends_at_a_page_that_thanks_and_shows_no_code(box):
    pending = next(c for c in box.sandbox.world if c.connected_at is None)
    page = await box.client.get("/oauth/authorize", params={**LINK, "connection_id": pending.key})
    answer = await box.submit(await box.sign_in(page), decision="allow")
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    assert LINK["redirect_uri"] in answer.text
    assert "code=" not in answer.text
    current = await box.get("/integrations/current", await box.token(pending))
    assert current.json()["data"]["sync_status"] in {"inprogress", "in_progress"}


async def test_a_customer_who_refuses_the_link_is_told_that_nothing_happened(box):
    page = await box.client.get("/oauth/authorize", params={**LINK, "connection_id": box.a().key})
    assert "Nothing was connected" in (await box.submit(page, cancel="1")).text


async def test_somebody_who_waits_at_the_same_address_gets_the_code(box):
    page = await box.open_login(connection_id=box.a().key, redirect_uri=LINK["redirect_uri"])
    answer = await box.submit(await box.sign_in(page), decision="allow")
    assert answer.headers["Location"].startswith(f"{LINK['redirect_uri']}?code=")


async def test_a_login_that_makes_a_second_connection_says_so_before(box):
    connection = box.a()
    page = await box.submit(await box.open_login(), system=connection.platform_key)
    consent = await box.sign_in(page, company=connection.name)
    assert "gets a second connection" in consent.text
    assert "second connection" not in (await box.sign_in(page, company="Somebody Else")).text
    await box.control("login_as_new", connection)
    consent = await box.sign_in(await box.open_login(connection_id=connection.key))
    assert "gets a second connection" in consent.text


async def test_login_as_other_answers_once_as_another_customer_and_harms_neither(box):
    connection = box.a()
    other = box.sandbox.world.other_customer(connection)
    theirs, ours = await box.token(other), await box.token(connection)
    await box.control("login_as_other", connection)
    pair = (await box.exchange((await box.log_in(connection))["code"])).json()
    current = (await box.get("/integrations/current", bearer(pair["access_token"]))).json()["data"]
    assert (current["id"], current["company_name"]) == (other.key, other.name)
    assert (await box.get("/integrations/current", theirs)).status_code == 200
    assert (await box.get("/integrations/current", ours)).status_code == 200
    again = (await box.exchange((await box.log_in(connection))["code"])).json()
    current = (await box.get("/integrations/current", bearer(again["access_token"]))).json()["data"]
    assert current["id"] == connection.key


async def test_login_as_new_answers_with_a_connection_of_the_same_customer(box):
    connection = box.a("credentials")
    await box.control("login_as_new", connection)
    pair = (await box.exchange((await box.log_in(connection))["code"])).json()
    current = (await box.get("/integrations/current", bearer(pair["access_token"]))).json()["data"]
    assert current["id"] != connection.key
    assert (current["company_name"], current["provider"]) == (connection.name, connection.platform_key)
    assert connection.open_incident("credentials", box.clock())
    listed = (await box.get("/system/connections", await box.admin())).json()["data"]
    assert [row["key"] for row in listed if row["name"] == connection.name] == [connection.key, current["id"]]


async def test_state_can_be_kept_back(box):
    await box.control("state_not_echoed", on=True)
    assert set(await box.log_in(box.a())) == {"code"}


async def test_a_bare_server_knows_neither_state_nor_challenge_nor_connection(make):
    bare = make(bare=True)
    page = await bare.open_login(connection_id=bare.a().key)
    assert 'type="radio"' in page.text
    consent = await bare.sign_in(await bare.submit(page, system="odoo"), company="Some Firm")
    back = returned(await bare.submit(consent, decision="allow"))
    assert set(back) == {"code"}
    answer = await bare.exchange(back["code"], code_verifier="")
    assert answer.status_code == 200
