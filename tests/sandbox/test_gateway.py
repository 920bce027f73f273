from email.utils import parsedate_to_datetime

import pytest

from tests.sandbox.harness import bearer


async def test_every_answer_has_a_request_id_and_the_api_its_version(box):
    ids = set()
    for path in ("/api/v1/system/client", "/api/v9/x", "/link/token", "/oauth/authorize", "/nowhere"):
        answer = await box.client.get(path)
        ids.add(answer.headers["X-Request-Id"])
        assert ("X-API-Version" in answer.headers) == path.startswith(("/api/", "/link/"))
    assert len(ids) == 5


async def test_an_error_body_has_the_shape_of_the_contract(box):
    answer = await box.get("/system/client", bearer("nonsense"))
    error = answer.json()["error"]
    assert set(error) == {"code", "type", "message", "request_id", "details"}
    assert (error["code"], error["request_id"]) == ("INVALID_TOKEN", answer.headers["X-Request-Id"])


async def test_a_bare_server_says_a_message_alone(make):
    answer = await make(bare=True).get("/system/client", bearer("nonsense"))
    assert (answer.status_code, set(answer.json())) == (401, {"message"})
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer  "])
async def test_no_or_another_authorization_is_401(box, header):
    assert (await box.get("/integrations/current", {"Authorization": header})).status_code == 401


async def test_a_refresh_token_opens_nothing(box):
    pair = await box.issue(box.a())
    assert (await box.get("/integrations/current", bearer(pair["refresh_token"]))).status_code == 401


async def test_another_version_in_the_path_is_404_and_says_the_right_one(box):
    answer = await box.client.get("/api/v2/system/client", headers=await box.admin())
    assert answer.status_code == 404
    assert "/api/v1/" in answer.json()["error"]["message"]


async def test_another_version_in_the_header_is_refused(box):
    answer = await box.get("/system/client", {**await box.admin(), "X-API-Version": "v2"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")


async def test_an_unversioned_server_has_paths_without_the_version(make):
    box = make(versioned=False)
    admin = {**await box.admin(), "X-API-Version": "v1"}
    assert (await box.client.get("/api/system/client", headers=admin)).status_code == 200
    assert (await box.client.get("/api/v1/system/client", headers=admin)).status_code == 404


async def test_another_method_is_405(box):
    answer = await box.client.delete("/api/v1/sync-status")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")


async def test_a_rate_limit_answers_429_until_its_time_is_over(box):
    admin = await box.admin()
    await box.control("rate_limit", requests=1, seconds=20)
    assert (await box.get("/system/client", admin)).status_code == 200
    limited = await box.get("/system/client", admin)
    assert (limited.status_code, limited.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert limited.headers["Retry-After"] == "20"
    box.clock.advance(20)
    assert (await box.get("/system/client", admin)).status_code == 200


async def test_retry_after_can_be_an_http_date(box):
    admin = await box.admin()
    await box.control("rate_limit", seconds=20, form="date")
    until = parsedate_to_datetime((await box.get("/system/client", admin)).headers["Retry-After"])
    assert 20 <= until.timestamp() - box.clock.now <= 22


async def test_server_errors_come_with_and_without_json_and_end(box):
    admin = await box.admin()
    await box.control("server_errors", count=2)
    first, second, third = [await box.get("/system/client", admin) for _ in range(3)]
    assert (first.status_code, first.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert (second.status_code, second.json()["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert third.status_code == 200


async def test_a_dropped_request_gets_no_answer(box):
    admin = await box.admin()
    await box.control("drop")
    with pytest.raises(ConnectionAbortedError):
        await box.get("/system/client", admin)
    assert (await box.get("/system/client", admin)).status_code == 200


async def test_an_answer_can_be_lost_although_the_request_was_carried_out(box):
    headers = await box.token(box.a())
    await box.control("drop", processed=True)
    with pytest.raises(ConnectionAbortedError):
        await box.start_sync(headers, "one")
    assert (await box.start_sync(headers, "two")).status_code == 409
    again = await box.start_sync(headers, "one")
    assert again.status_code == 202


async def test_slow_answers_are_slow_and_a_stopping_server_waits_for_none(box):
    admin = await box.admin()
    await box.control("slow", ms=60)
    await box.get("/system/client", admin)
    (line,) = box.sandbox.log.after(1)
    assert line.ms >= 50
    await box.control("slow", ms=60_000)
    box.sandbox.stopping.set()
    assert (await box.get("/system/client", admin)).status_code == 200


async def test_deprecation_is_announced_in_headers_and_taken_back(box):
    admin = await box.admin()
    await box.control("deprecate", days=218)
    headers = (await box.get("/system/client", admin)).headers
    assert headers["Deprecation"] == f"@{int(box.clock.now)}"
    assert parsedate_to_datetime(headers["Sunset"]).timestamp() == box.clock.now + 218 * 86_400
    assert 'rel="deprecation"' in headers["Link"]
    assert 'rel="successor-version"' in headers["Link"]
    await box.control("undeprecate")
    assert "Sunset" not in (await box.get("/system/client", admin)).headers
