import pytest

from tests.sandbox.harness import bearer


async def test_a_healthy_connection_is_online_and_in_sync(box):
    headers = await box.token(box.a())
    status = (await box.get("/integrations/current/status", headers)).json()["data"]
    assert (status["state"], status["reauthorization_required"], status["reason"]) == ("online", False, None)
    sync = (await box.get("/sync-status", headers)).json()["data"]
    assert set(sync) == {
        "status", "last_successful_sync_at", "next_scheduled_sync_at", "error", "current",
    }  # fmt: skip
    assert (sync["status"], sync["error"], sync["current"]) == ("completed", None, None)


async def test_changed_credentials_are_told_apart_from_a_stale_token(box):
    connection = box.a()
    headers = await box.token(connection)
    await box.control("change_credentials", connection)
    for answer in (
        await box.get("/sync-status", headers),
        await box.start_sync(headers),
        await box.get(f"/{connection.platform.family}/{connection.scopes[0]}", headers),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "REAUTHORIZATION_REQUIRED")
    current = await box.get("/integrations/current", headers)
    assert (current.status_code, current.json()["data"]["sync_status"]) == (200, "fail")
    status = (await box.get("/integrations/current/status", headers)).json()["data"]
    assert (status["reauthorization_required"], status["reason"]) == (True, "credentials_changed")


async def test_a_revoked_token_cannot_be_refreshed_but_issued_anew(box):
    connection = box.a()
    pair = await box.issue(connection)
    await box.control("revoke_token", connection)
    stale = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert (stale.status_code, stale.json()["error"]["code"]) == (401, "INVALID_TOKEN")
    assert (await box.refresh(pair["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await box.get("/sync-status", await box.token(connection))).status_code == 200


async def test_an_expired_token_can_be_refreshed(box):
    connection = box.a()
    pair = await box.issue(connection)
    await box.control("expire_token", connection)
    stale = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert (stale.status_code, stale.json()["error"]["code"]) == (401, "TOKEN_EXPIRED")
    assert (await box.refresh(pair["refresh_token"])).status_code == 200


async def test_an_offline_system_is_503_for_data_and_a_state_for_questions(box):
    connection = box.a()
    headers = await box.token(connection)
    await box.control("go_offline", connection)
    for answer in (
        await box.start_sync(headers),
        await box.get(f"/{connection.platform.family}/{connection.scopes[0]}", headers),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SYSTEM_UNREACHABLE")
    status = (await box.get("/integrations/current/status", headers)).json()["data"]
    assert (status["state"], status["reason"], status["reauthorization_required"]) == (
        "offline",
        "unreachable",
        False,
    )
    assert (await box.get("/sync-status", headers)).status_code == 200


async def test_a_system_that_comes_back_syncs_by_itself_within_seconds(box):
    connection = box.a("offline")
    headers = await box.token(connection)
    before = (await box.get("/sync-status", headers)).json()["data"]
    assert (before["status"], before["error"]["code"]) == ("failed", "SYSTEM_UNREACHABLE")
    await box.control("come_back", connection)
    box.clock.advance(3.5)
    assert (await box.get("/sync-status", headers)).json()["data"]["current"]["type"] == "scheduled"
    box.clock.advance(10)
    assert (await box.get("/sync-status", headers)).json()["data"]["status"] == "completed"


async def test_a_manual_sync_runs_to_its_end(box):
    headers = await box.token(box.a())
    started = await box.start_sync(headers)
    assert started.status_code == 202
    sync = started.json()["data"]
    assert set(sync) == {
        "id", "type", "action", "scopes", "status", "progress", "records", "started_at", "finished_at",
        "error", "request_id",
    }  # fmt: skip
    assert (sync["type"], sync["status"], sync["progress"]["done"]) == ("manual", "queued", 0)
    box.clock.advance(3)
    current = (await box.get("/sync-status", headers)).json()["data"]["current"]
    assert (current["id"], current["status"]) == (sync["id"], "in_progress")
    assert 0 < current["progress"]["done"] < current["progress"]["total"]
    box.clock.advance(4)
    assert (await box.get("/sync-status", headers)).json()["data"]["current"] is None
    last = (await box.get("/integrations/syncs", headers, limit=1)).json()["data"][0]
    assert (last["id"], last["status"]) == (sync["id"], "completed")
    assert sum(last["records"].values()) == last["progress"]["total"] == last["progress"]["done"]


async def test_a_second_start_is_409_with_the_running_sync(box):
    headers = await box.token(box.a())
    sync = (await box.start_sync(headers, "one")).json()["data"]
    second = await box.start_sync(headers, "two")
    assert (second.status_code, second.json()["error"]["code"]) == (409, "SYNC_IN_PROGRESS")
    assert second.json()["data"]["id"] == sync["id"]


async def test_the_same_idempotency_key_never_starts_two(box):
    headers = await box.token(box.a())
    first = await box.start_sync(headers, "one")
    box.clock.advance(60)
    again = await box.start_sync(headers, "one")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert again.json()["data"]["status"] == "completed"
    assert (await box.start_sync(headers, "two")).json()["data"]["id"] != first.json()["data"]["id"]


async def test_starting_a_sync_ends_a_stuck_one(box):
    stuck = next(c for c in box.sandbox.world if any(s.duration > 86_400 for s in c.syncs))
    headers = await box.token(stuck)
    old = (await box.get("/sync-status", headers)).json()["data"]["current"]
    new = await box.start_sync(headers)
    assert new.status_code == 202
    history = (await box.get("/integrations/syncs", headers, limit=2)).json()["data"]
    assert {run["id"]: run["status"] for run in history} == {
        new.json()["data"]["id"]: "queued",
        old["id"]: "cancelled",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("type", "scheduled"), ("action", "sideways"), ("action", []), ("scopes", ["unknown"]), ("scopes", [])],
)
async def test_a_malformed_sync_start_is_refused_by_field(box, field, value):
    answer = await box.start_sync(await box.token(box.a()), **{field: value})
    assert (answer.status_code, answer.json()["error"]["details"]["field"]) == (422, field)


async def test_a_sync_can_be_limited_to_some_entities(box):
    connection = box.a()
    answer = await box.start_sync(await box.token(connection), scopes=connection.scopes[:1])
    assert answer.json()["data"]["scopes"] == connection.scopes[:1]


@pytest.mark.parametrize("kind", ["inactive", "pending"])
async def test_inactive_and_pending_connections_may_not_sync(box, kind):
    pending = next(c for c in box.sandbox.world if c.connected_at is None)
    connection = pending if kind == "pending" else box.a("inactive")
    answer = await box.start_sync(await box.token(connection))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PERMISSION_DENIED")


async def test_the_withdrawn_sync_status_is_a_bare_word(box):
    answer = await box.get("/integrations/sync/status", await box.token(box.a()))
    assert answer.json() == {"status": "completed"}


async def test_history_pages_by_cursor_newest_first(box):
    headers = await box.token(box.a())
    whole = (await box.get("/integrations/syncs", headers, limit=40)).json()["data"]
    paged, cursor = [], None
    for _ in range(4):
        extra = {"cursor": cursor} if cursor else {}
        page = (await box.get("/integrations/syncs", headers, limit=10, **extra)).json()
        paged += page["data"]
        cursor = page["next_cursor"]
    assert paged == whole
    assert [run["started_at"] for run in whole] == sorted((r["started_at"] for r in whole), reverse=True)


async def test_history_ends_without_a_cursor_and_refuses_a_strange_one(box):
    fresh = next(c for c in box.sandbox.world if c.syncs and c.syncs[0].type == "initial")
    headers = await box.token(fresh)
    assert (await box.get("/integrations/syncs", headers)).json()["next_cursor"] is None
    assert (await box.get("/integrations/syncs", headers, cursor="x")).status_code == 422
    assert (await box.get("/integrations/syncs", headers, limit="0")).status_code == 422


async def test_settings_change_the_schedule(box):
    headers = await box.token(box.a())
    path = "/api/v1/integrations/current/settings"
    new = {"interval_minutes": 45, "history_days": 90}
    answer = (await box.client.put(path, headers=headers, json=new)).json()["data"]
    assert (answer["mode"], answer["interval_minutes"], answer["history_days"]) == ("scheduled", 45, 90)
    assert answer == (await box.client.get(path, headers=headers)).json()["data"]
    webhook = (await box.client.put(path, headers=headers, json={"mode": "webhook"})).json()["data"]
    assert webhook["next_scheduled_sync_at"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("interval_minutes", 14), ("interval_minutes", 1441), ("interval_minutes", "30"), ("history_days", 29),
     ("history_days", True), ("mode", "daily"), ("mode", [])],
)  # fmt: skip
async def test_settings_out_of_range_are_refused_by_field(box, field, value):
    headers = await box.token(box.a())
    path = "/api/v1/integrations/current/settings"
    answer = await box.client.put(path, headers=headers, json={field: value})
    assert (answer.status_code, answer.json()["error"]["details"]["field"]) == (422, field)


async def test_the_webhook_secret_is_write_only(box):
    headers = await box.token(box.a())
    path = "/api/v1/integrations/current/webhook"
    new = {"url": "https://hooks.example/in", "events": ["sync.failed"], "secret": "0123456789abcdef"}
    answer = await box.client.put(path, headers=headers, json=new)
    assert answer.json()["data"] == {"url": "https://hooks.example/in", "events": ["sync.failed"]}
    assert (await box.client.get(path, headers=headers)).json() == answer.json()


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "ftp://x"), ("url", "https://[x"), ("url", 3), ("events", ["x.y"]), ("events", "sync.failed"),
     ("secret", "short")],
)  # fmt: skip
async def test_malformed_webhook_settings_are_refused_by_field(box, field, value):
    headers = await box.token(box.a())
    path = "/api/v1/integrations/current/webhook"
    answer = await box.client.put(path, headers=headers, json={field: value})
    assert (answer.status_code, answer.json()["error"]["details"]["field"]) == (422, field)


async def test_entity_pages_filter_sort_and_page(box):
    connection = box.a()
    headers, path = await box.token(connection), f"/{connection.platform.family}/{connection.scopes[0]}"
    first = (await box.get(path, headers, per_page=5)).json()
    assert len(first["data"]) == 5
    assert first["meta"]["total"] > 5
    descending = (await box.get(path, headers, **{"sort[number]": "desc"})).json()["data"]
    assert [row["number"] for row in descending] == sorted((r["number"] for r in descending), reverse=True)
    open_ones = (await box.get(path, headers, **{"filter[status]": "open"})).json()["data"]
    assert {row["status"] for row in open_ones} == {"open"}
    assert (await box.get(path, headers, **{"sort[colour]": "asc"})).status_code == 422
    assert (await box.get(path, headers, **{"sort[number]": "up"})).status_code == 422


async def test_entities_of_another_kind_of_system_are_not_found(box):
    connection = box.a()
    other = "wms" if connection.platform.family != "wms" else "erp"
    assert (await box.get(f"/{other}/sites", await box.token(connection))).status_code == 404


async def test_a_connection_can_end_itself(box):
    headers = await box.token(box.a())
    path = "/api/v1/integrations/current"
    assert (await box.client.delete(path, headers=headers)).status_code == 200
    assert (await box.client.get(path, headers=headers)).status_code == 401


async def test_a_bare_server_offers_only_what_is_published(make):
    bare = make(bare=True)
    connection = bare.a()
    headers = bearer((await bare.issue(connection))["token"])
    for path in ("/integrations/current/status", "/sync-status", "/integrations/sync/status",
                 "/integrations/syncs", "/integrations/current/settings",
                 "/integrations/current/webhook"):  # fmt: skip
        assert (await bare.get(path, headers)).status_code == 404
    assert (await bare.start_sync(headers)).status_code == 404
    assert (await bare.get("/integrations/current", headers)).status_code == 200
    entity = f"/{connection.platform.family}/{connection.scopes[0]}"
    assert (await bare.get(entity, headers)).status_code == 200
