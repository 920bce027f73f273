import msgspec
import pytest

from tests.sandbox.harness import bearer


async def test_all_actions_are_listed_with_a_sentence_each(box):
    actions = (await box.client.get("/sandbox/control")).json()["actions"]
    assert [action["action"] for action in actions] == [
        "change_credentials", "go_offline", "come_back", "revoke_token", "expire_token", "fail_sync",
        "finish_sync", "login_as_other", "login_as_new", "login_demand", "rate_limit", "slow",
        "server_errors", "drop", "deprecate", "undeprecate", "state_not_echoed", "reset",
    ]  # fmt: skip
    assert all(action["description"].endswith(".") for action in actions)


@pytest.mark.parametrize(
    ("body", "status"),
    [({"action": "explode"}, 422), ({"action": "go_offline"}, 422),
     ({"action": "go_offline", "connection": "x"}, 404), ({"action": "slow", "ms": "1"}, 422),
     ({"action": "slow", "ms": -1}, 422), ({"action": "rate_limit", "form": "never"}, 422), ([], 400)],
)  # fmt: skip
async def test_a_wrong_order_is_refused(box, body, status):
    assert (await box.client.post("/sandbox/control", json=body)).status_code == status


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example:8765"},
     {"Origin": "http://127.0.0.1:9999"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/sandbox/control", "/sandbox/log", "/sandbox/state"])
async def test_a_web_page_cannot_drive_or_read_the_sandbox(box, path, headers):
    assert (await box.client.get(path, headers=headers)).status_code == 403
    assert (await box.client.post("/sandbox/control", headers=headers, json={})).status_code == 403


async def test_the_sandboxs_own_origin_may(box):
    own = {"Origin": "http://127.0.0.1:8765"}
    assert (await box.client.get("/sandbox/control", headers=own)).status_code == 200


async def test_a_sync_that_is_told_to_fail_fails_once(box):
    connection = box.a()
    headers = await box.token(connection)
    await box.control("fail_sync", connection)
    await box.start_sync(headers)
    box.clock.advance(7)
    status = (await box.get("/sync-status", headers)).json()["data"]
    assert (status["status"], status["error"]["code"]) == ("failed", "ENTITY_REJECTED")
    await box.start_sync(headers)
    box.clock.advance(7)
    assert (await box.get("/sync-status", headers)).json()["data"]["status"] == "completed"


async def test_login_as_a_chosen_other_customer(box):
    connection, other = box.a(), box.a("inactive")
    await box.control("login_as_other", connection, other=other.key)
    pair = (await box.exchange((await box.log_in(connection))["code"])).json()
    current = (await box.get("/integrations/current", bearer(pair["access_token"]))).json()["data"]
    assert current["id"] == other.key


async def test_the_log_tells_what_happened_and_no_secret(box):
    connection = box.a()
    back = await box.log_in(connection)
    pair = (await box.exchange(back["code"])).json()
    await box.start_sync(bearer(pair["access_token"]), "key-1")
    await box.refresh(pair["refresh_token"])
    await box.get("/system/connections", await box.admin(), page=1, per_page=5, secret="s3cret")
    text = (await box.client.get("/sandbox/log")).text
    for secret in (back["code"], pair["access_token"], pair["refresh_token"], "sandbox-secret", "s3cret",
                   "the-state", "correct-horse"):  # fmt: skip
        assert secret not in text
    lines = msgspec.json.decode(text)["requests"]
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    (exchange,) = [line for line in lines if line["grant"] == "authorization_code"]
    assert (exchange["connection"], exchange["has_code_verifier"], exchange["status"]) == (
        connection.key,
        True,
        200,
    )
    (start,) = [line for line in lines if line["path"].endswith("/integrations/sync")]
    assert (start["idempotency_key"], start["connection"], start["status"]) == ("key-1", connection.key, 202)
    assert lines[-1]["path"] == "/api/v1/system/connections?page=1&per_page=5"
    assert set(lines[0]) == {
        "n", "at", "method", "path", "status", "ms", "connection", "grant", "idempotency_key", "request_id",
        "api_version", "has_code_verifier",
    }  # fmt: skip


async def test_the_log_can_be_read_from_where_one_left_off(box):
    for _ in range(3):
        await box.get("/system/client")
    lines = (await box.client.get("/sandbox/log", params={"after": 2})).json()["requests"]
    assert [line["n"] for line in lines] == [3]


async def test_state_summarises_every_connection(box):
    connection = box.a()
    await box.token(connection)
    await box.control("change_credentials", connection)
    rows = (await box.client.get("/sandbox/state")).json()["connections"]
    assert len(rows) == 24
    row = next(row for row in rows if row["id"] == connection.key)
    assert set(row) == {
        "id", "name", "system", "credentials_ok", "online", "running_sync", "last_sync", "token_generation",
        "next_login", "broken_since",
    }  # fmt: skip
    assert (row["credentials_ok"], row["online"], row["token_generation"]) == (False, True, 1)
    assert row["broken_since"] is not None
    assert row["last_sync"]["status"] == "completed"


async def test_reset_brings_the_seeds_world_back_and_ends_every_token(box):
    connection = box.a()
    headers = await box.token(connection)
    await box.control("go_offline", connection)
    await box.control("slow", ms=5)
    await box.control("reset")
    assert (await box.get("/integrations/current", headers)).status_code == 401
    state = (await box.client.get("/sandbox/state")).json()
    assert {row["id"]: row["online"] for row in state["connections"]}[connection.key]
    assert state["faults"]["slow_ms"] == 0


async def test_the_migration_page_names_the_end_of_the_version(box):
    assert "nothing to do" in (await box.client.get("/sandbox/migration")).text
    await box.control("deprecate", days=30)
    assert "API v1 ends on" in (await box.client.get("/sandbox/migration")).text
