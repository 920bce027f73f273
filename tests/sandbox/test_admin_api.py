import pytest

from tests.sandbox.harness import bearer


async def test_the_account_names_its_redirects(box):
    account = (await box.get("/system/client", await box.admin())).json()["data"]
    assert set(account) == {"id", "name", "logo_url", "email", "default_redirect", "redirects"}
    assert account["default_redirect"] in account["redirects"]


async def test_a_dozen_platforms_are_offered(box):
    platforms = (await box.get("/system/platforms", await box.admin())).json()["data"]
    assert len(platforms) >= 12
    assert all(set(platform) == {"key", "name", "category"} for platform in platforms)


async def test_a_connection_has_the_published_fields_with_loose_types(box):
    row = (await box.get("/system/connections", await box.admin())).json()["data"][0]
    assert set(row) == {
        "key", "name", "email", "status", "integration_name", "redirect", "scopes", "tags", "user_metadata",
        "client_id", "updated_at", "created_at", "connected_at",
    }  # fmt: skip
    assert isinstance(row["scopes"], str)
    assert isinstance(row["tags"], list)


async def test_following_the_next_links_reads_every_connection_once(make):
    box = make(count=130)
    keys, url = [], "/api/v1/system/connections"
    while url:
        page = (await box.client.get(url, headers=await box.admin())).json()
        assert len(page["data"]) <= 50
        keys += [row["key"] for row in page["data"]]
        url = page["links"]["next"]
    assert len(keys) == len(set(keys)) == 130


async def test_the_envelope_counts_and_says_numbers_that_were_asked_for_as_strings(make):
    box = make(count=130)
    page = (await box.get("/system/connections", await box.admin(), page=3, per_page=60)).json()
    assert page["meta"] == {
        "current_page": 3,
        "from": 121,
        "last_page": 3,
        "path": "http://127.0.0.1:8765/api/v1/system/connections",
        "per_page": "60",
        "to": 130,
        "total": 130,
    }
    assert page["links"]["next"] is None
    assert page["links"]["prev"].endswith("page=2&per_page=60")


async def test_a_page_holds_at_most_200_and_one_beyond_the_last_is_empty(make):
    box = make(count=230)
    admin = await box.admin()
    assert len((await box.get("/system/connections", admin, per_page=1000)).json()["data"]) == 200
    beyond = (await box.get("/system/connections", admin, page=9)).json()
    assert (beyond["data"], beyond["meta"]["from"], beyond["links"]["next"]) == ([], None, None)


@pytest.mark.parametrize("page", ["0", "-1", "two", "1.5", "²"])
async def test_a_page_that_is_no_number_is_said(box, page):
    answer = await box.get("/system/connections", await box.admin(), page=page)
    assert (answer.status_code, answer.json()["error"]["details"]["field"]) == (422, "page")


async def test_a_connection_token_does_not_open_the_account(box):
    answer = await box.get("/system/connections", await box.token(box.a()))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "INVALID_TOKEN")


NEW = {
    "name": "Acre Foods",
    "email": "it@acre.example",
    "provider": "odoo",
    "credentials": {"login": "l", "password": "p"},
}


async def test_a_connection_can_be_created_by_credentials(box):
    answer = await box.client.post("/api/v1/system/connections", headers=await box.admin(), json=NEW)
    pair = answer.json()["data"]
    current = (await box.get("/integrations/current", bearer(pair["access_token"]))).json()["data"]
    assert (current["company_name"], current["email"], current["provider"]) == (
        "Acre Foods",
        "it@acre.example",
        "odoo",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("email", "nobody"), ("provider", "abacus"), ("provider", ["odoo"]), ("credentials", {})],
)
async def test_a_new_connection_without_a_needed_field_is_refused_by_name(box, field, value):
    answer = await box.client.post(
        "/api/v1/system/connections", headers=await box.admin(), json={**NEW, field: value}
    )
    assert (answer.status_code, answer.json()["error"]["details"]["field"]) == (422, field)


async def test_disconnecting_kills_the_tokens_at_once_and_clears_the_list(box):
    connection = box.a()
    pair = await box.issue(connection)
    path = f"/api/v1/system/connections/{connection.key}"
    assert (await box.client.delete(path, headers=await box.admin())).status_code == 200
    stale = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert (stale.status_code, stale.json()["error"]["code"]) == (401, "INVALID_TOKEN")
    assert (await box.refresh(pair["refresh_token"])).json()["error"] == "invalid_grant"
    rows = (await box.get("/system/connections", await box.admin())).json()["data"]
    assert connection.key not in {row["key"] for row in rows}
    assert (await box.client.delete(path, headers=await box.admin())).status_code == 404


async def test_metadata_is_added_to_and_shows_in_the_list_as_a_string(box):
    connection = next(c for c in box.sandbox.world if not c.metadata)
    path = f"/system/connections/{connection.key}/metadata"
    notes = [{"key": "owner", "value": "Ines"}]
    await box.client.post(f"/api/v1{path}", headers=await box.admin(), json=notes)
    assert (await box.get(path, await box.admin())).json()["data"] == notes
    rows = (await box.get("/system/connections", await box.admin())).json()["data"]
    assert {row["key"]: row["user_metadata"] for row in rows}[connection.key] == '{"owner": "Ines"}'


@pytest.mark.parametrize("body", [{"key": "a"}, [{"key": "a"}], [{"key": "", "value": "b"}], ["a"]])
async def test_malformed_metadata_is_refused(box, body):
    path = f"/api/v1/system/connections/{box.a().key}/metadata"
    assert (await box.client.post(path, headers=await box.admin(), json=body)).status_code == 422


async def test_a_bare_server_issues_the_published_token_alone(make):
    bare = make(bare=True)
    assert set(await bare.issue(bare.a())) == {"token", "expires_in"}
