"""What the actions make happen, for what the program has to live through."""

import httpx
import pytest

from makini_desktop.sandbox.faults import DAY
from tests.sandbox.harness import Harness, bearer, client_credentials

HOUR = 3_600.0


def healthy(box: Harness, count: int) -> list[str]:
    """Keys of connections with nothing wrong."""
    found = [c.key for c in box.sandbox.world if not c.incidents and c.connected_at]
    return found[:count]


async def order(box: Harness, **body: object) -> httpx.Response:
    return await box.client.post("/sandbox/control", json=body)


async def broken(box: Harness) -> set[str]:
    rows = (await box.client.get("/sandbox/state")).json()["connections"]
    return {row["id"] for row in rows if not row["credentials_ok"]}


async def test_many_connections_break_at_once(box):
    keys, before = healthy(box, 10), await broken(box)
    assert (await order(box, action="change_credentials", connection=keys)).status_code == 200
    assert await broken(box) - before == set(keys)


@pytest.mark.parametrize("unknown", [["x"], [], [1], None, {"a": 1}])
async def test_where_one_is_unknown_none_breaks(box, unknown):
    before = await broken(box)
    named = [healthy(box, 1)[0], *unknown] if unknown and isinstance(unknown, list) else unknown
    answer = await order(box, action="change_credentials", connection=named)
    assert answer.status_code in {404, 422}
    assert await broken(box) == before


async def test_the_first_sync_after_a_gap_brings_the_records_of_the_gap(box):
    connection = box.a()
    await box.control("change_credentials", connection, hours=76)
    headers = await box.token(connection)
    answer = await box.get("/sync-status", headers)
    assert answer.status_code == 401
    history = (await box.get("/integrations/syncs", headers)).json()["data"]
    assert history[0]["error"]["code"] == "REAUTHORIZATION_REQUIRED"
    await box.log_in(connection)
    records = (await box.start_sync(await box.token(connection))).json()["data"]["progress"]["total"]
    box.clock.advance(7)
    done = (await box.get("/integrations/syncs", await box.token(connection), limit=1)).json()["data"][0]
    assert done["status"] == "completed"
    assert sum(done["records"].values()) == done["progress"]["total"] == records
    assert records >= 76 * 9


async def test_a_sign_in_ends_days_ahead_and_no_token_outlives_it(box):
    first, second = (box.sandbox.world.get(key) for key in healthy(box, 2))
    old = await box.issue(first)
    await order(box, action="expire_token", connection=[first.key, second.key], days=10)
    for _ in range(2):
        pair = (await box.refresh(old["refresh_token"])).json()
        old = pair
        assert pair["expires_in"] == pytest.approx(10 * DAY, abs=2)
    box.clock.advance(10 * DAY + 1)
    assert (await box.refresh(old["refresh_token"])).status_code == 400
    answer = await box.get("/integrations/current", bearer(old["access_token"]))
    assert answer.json()["error"]["code"] == "TOKEN_EXPIRED"
    pair = (await box.exchange((await box.log_in(first))["code"])).json()
    assert pair["expires_in"] > box.clock() + 29 * DAY


async def test_a_first_sync_is_followed_to_its_end_and_can_be_hurried(box):
    created = {
        "name": "Inextia", "email": "a@inextia.example", "provider": "odoo", "credentials": {"login": "x"}
    }  # fmt: skip
    path = f"{box.prefix}/system/connections"
    made = (await box.client.post(path, json=created, headers=await box.admin())).json()["data"]
    headers = bearer(made["access_token"])
    box.clock.advance(10)
    current = (await box.get("/sync-status", headers)).json()["data"]["current"]
    assert current["type"] == "initial"
    assert 0 < current["progress"]["done"] < current["progress"]["total"]
    key = (await box.get("/integrations/current", headers)).json()["data"]["id"]
    assert (await order(box, action="finish_sync", connection=key)).status_code == 200
    status = (await box.get("/sync-status", headers)).json()["data"]
    assert (status["status"], status["current"]) == ("completed", None)
    assert (await order(box, action="finish_sync", connection=key)).status_code == 422


async def test_a_first_sync_covers_the_window_that_is_set_while_it_runs(box):
    page = await box.submit(await box.open_login(), system="odoo")
    consent = await box.sign_in(page, company="Inextia")
    back = httpx.URL((await box.submit(consent, decision="allow")).headers["Location"]).params
    headers = bearer((await box.exchange(back["code"])).json()["access_token"])
    totals = []
    for days in (30, 90):
        await box.client.put(
            f"{box.prefix}/integrations/current/settings", json={"history_days": days}, headers=headers
        )
        sync = (await box.get("/sync-status", headers)).json()["data"]["current"]
        totals.append(sync["progress"]["total"])
    assert totals[1] == 3 * totals[0]


@pytest.mark.parametrize("ends_theirs", [False, True])
async def test_a_login_as_another_customer_ends_their_older_token_where_told(box, ends_theirs):
    connection, other = (box.sandbox.world.get(key) for key in healthy(box, 2))
    theirs, ours = await box.token(other), await box.token(connection)
    await box.control("login_as_other", connection, other=other.key, ends_theirs=ends_theirs)
    pair = (await box.exchange((await box.log_in(connection))["code"])).json()
    current = await box.get("/integrations/current", bearer(pair["access_token"]))
    assert current.json()["data"]["id"] == other.key
    assert (await box.get("/integrations/current", theirs)).status_code == (401 if ends_theirs else 200)
    assert (await box.get("/integrations/current", ours)).status_code == 200


async def test_the_state_tells_what_the_next_login_will_be(box):
    new, other, same = healthy(box, 3)
    await order(box, action="login_as_new", connection=new)
    await order(box, action="login_as_other", connection=other)
    rows = {row["id"]: row for row in (await box.client.get("/sandbox/state")).json()["connections"]}
    assert [rows[key]["next_login"] for key in (new, other, same)] == ["new", "other", "same"]


@pytest.mark.parametrize(
    ("action", "status"), [({"action": "rate_limit"}, 429), ({"action": "server_errors", "count": 1}, 500)]
)
async def test_a_fault_of_one_grant_spares_all_other_requests(box, action, status):
    code = (await box.log_in(box.a()))["code"]
    old = await box.issue(box.a())
    await order(box, grant="authorization_code", **action)
    assert (await box.get("/system/client", await box.admin())).status_code == 200
    assert (await box.client.post("/link/token", json=client_credentials())).status_code == 200
    assert (await box.refresh(old["refresh_token"])).status_code == 200
    assert (await box.exchange(code)).status_code == status


@pytest.mark.parametrize("processed", [False, True])
async def test_an_exchange_is_cut_and_nothing_else(box, processed):
    code = (await box.log_in(box.a()))["code"]
    before = box.a().token_generation
    await order(box, action="drop", grant="authorization_code", processed=processed)
    assert (await box.client.post("/link/token", json=client_credentials())).status_code == 200
    with pytest.raises(ConnectionAbortedError):
        await box.exchange(code)
    assert box.a().token_generation - before == int(processed)
    assert (await box.exchange(code)).status_code == (400 if processed else 200)


async def test_a_grant_that_is_none_is_refused(box):
    assert (await order(box, action="drop", grant="password")).status_code == 422
