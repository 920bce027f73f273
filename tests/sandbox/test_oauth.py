import pytest

from tests.sandbox.harness import CALLBACK, bearer, client_credentials, client_fields

DAY = 86_400


async def test_the_admin_token_opens_the_account_and_no_connection(box):
    admin = await box.admin()
    assert (await box.get("/system/client", admin)).status_code == 200
    refused = await box.get("/integrations/current", admin)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "INVALID_TOKEN")


async def test_a_wrong_client_secret_is_invalid_client(box):
    body = {**client_credentials(), "client_secret": "guess"}
    answer = await box.client.post("/link/token", json=body)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_each_grant_wants_its_own_content_type(box):
    form = await box.client.post("/link/token", data=client_credentials())
    assert (form.status_code, form.json()["error"]) == (400, "unsupported_grant_type")
    json = await box.client.post("/link/token", json={**client_fields(), "grant_type": "refresh_token"})
    assert (json.status_code, json.json()["error"]) == (400, "unsupported_grant_type")


async def test_a_body_that_is_no_json_is_invalid_request(box):
    answer = await box.client.post("/link/token", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_login_ends_in_a_pair_for_the_same_connection(box):
    connection = box.a()
    answer = await box.exchange((await box.log_in(connection))["code"])
    pair = answer.json()
    assert set(pair) == {"access_token", "refresh_token", "token_type", "expires_in"}
    current = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert current.json()["data"]["id"] == connection.key


async def test_expires_in_comes_in_all_published_forms(box):
    odd = next(c for c in box.sandbox.world if c.quirk % 2 and c.tokens_end_by is None)
    even = next(c for c in box.sandbox.world if not c.quirk % 2 and c.tokens_end_by is None)
    login = (await box.exchange((await box.log_in(odd))["code"])).json()
    assert login["expires_in"] == box.clock.now + 30 * DAY
    assert (await box.refresh(login["refresh_token"])).json()["expires_in"] == 30 * DAY
    assert (await box.issue(odd))["expires_in"] == str(30 * DAY)
    assert (await box.issue(even))["expires_in"] == str(int(box.clock.now) + 30 * DAY)


async def test_a_code_works_once(box):
    code = (await box.log_in(box.a()))["code"]
    assert (await box.exchange(code)).status_code == 200
    again = await box.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_code_works_for_ten_minutes(box):
    code = (await box.log_in(box.a()))["code"]
    box.clock.advance(601)
    assert (await box.exchange(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "another-verifier-of-forty-three-characters-0"}, {"code_verifier": ""},
              {"redirect_uri": CALLBACK.replace("51000", "51001")}]
)  # fmt: skip
async def test_a_code_is_bound_to_its_verifier_and_redirect(box, wrong):
    code = (await box.log_in(box.a()))["code"]
    assert (await box.exchange(code, **wrong)).json()["error"] == "invalid_grant"


async def test_refreshing_ends_the_old_pair_at_once(box):
    connection = box.a()
    old = await box.issue(connection)
    new = (await box.refresh(old["refresh_token"])).json()
    assert (await box.get("/integrations/current", bearer(old["access_token"]))).status_code == 401
    assert (await box.get("/integrations/current", bearer(new["access_token"]))).status_code == 200
    again = await box.refresh(old["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_issuing_and_logging_in_end_every_older_token(box):
    connection = box.a()
    first = await box.issue(connection)
    second = await box.issue(connection)
    stale = await box.get("/integrations/current", bearer(first["access_token"]))
    assert stale.json()["error"]["code"] == "INVALID_TOKEN"
    await box.exchange((await box.log_in(connection))["code"])
    assert (await box.get("/integrations/current", bearer(second["access_token"]))).status_code == 401


async def test_a_login_that_is_not_exchanged_leaves_the_old_tokens(box):
    connection = box.a()
    headers = await box.token(connection)
    await box.log_in(connection)
    assert (await box.get("/integrations/current", headers)).status_code == 200


async def test_an_access_token_expires_after_thirty_days_and_its_refresh_token_a_day_later(box):
    pair = await box.issue(box.a())
    box.clock.advance(30 * DAY)
    expired = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert (expired.status_code, expired.json()["error"]["code"]) == (401, "TOKEN_EXPIRED")
    assert (await box.refresh(pair["refresh_token"])).status_code == 200


async def test_the_expiring_connection_cannot_be_renewed_but_by_a_login(box):
    expiring = next(c for c in box.sandbox.world if c.tokens_end_by)
    pair = await box.issue(expiring)
    renewed = (await box.refresh(pair["refresh_token"])).json()
    assert renewed["expires_in"] == 2 * DAY
    box.clock.advance(2 * DAY)
    assert (await box.refresh(renewed["refresh_token"])).json()["error"] == "invalid_grant"
    login = (await box.exchange((await box.log_in(expiring))["code"])).json()
    assert login["expires_in"] == box.clock.now + 30 * DAY


async def test_tokens_and_codes_are_kept_as_digests_alone(box):
    import msgspec

    pair = await box.issue(box.a())
    code = (await box.log_in(box.a()))["code"]
    written = msgspec.json.encode(box.sandbox.record()).decode()
    for secret in (pair["access_token"], pair["refresh_token"], code):
        assert secret not in written
