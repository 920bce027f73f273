"""The sandbox's own page, for people who explore and train."""

import re

import pytest

from makini_desktop.sandbox.demands import DEMANDS


async def page(box, **parameters: str):
    return await box.client.get("/sandbox/", params=parameters)


async def test_it_tells_every_action_and_every_demand(box):
    told = (await page(box)).text
    actions = (await box.client.get("/sandbox/control")).json()
    for action in actions["actions"]:
        assert f'value="{action["action"]}">Do it' in told
    for demand in DEMANDS:
        assert f"<code>{demand}</code>" in told
    assert [each["demand"] for each in actions["demands"]] == list(DEMANDS)
    assert "<script" not in told


async def test_the_address_alone_leads_to_it(box):
    assert (await box.client.get("/")).headers["Location"] == "/sandbox/"


async def test_a_button_makes_something_happen_and_the_page_says_so(box):
    connection = box.a()
    form = {"connection": connection.key, "action": "change_credentials", "change_credentials.hours": "5"}
    done = await box.client.post("/sandbox/", data=form)
    assert done.status_code == 303
    assert connection.open_incident("credentials", box.clock() - 5 * 3_600)
    told = (await box.client.get(done.headers["Location"])).text
    assert "Done: change_credentials." in told
    assert re.search(rf'value="{connection.key}" selected', told)
    assert told.count("sign-in lost") == 2


async def test_every_kind_of_field_reaches_the_action(box):
    await box.client.post(
        "/sandbox/",
        data={"action": "drop", "drop.count": "2", "drop.processed": "on", "drop.grant": "refresh_token"},
    )
    faults = box.sandbox.faults
    assert (faults.drops, faults.drops_processed, faults.drops_grant) == (2, True, "refresh_token")


@pytest.mark.parametrize(
    ("form", "said", "status"),
    [({"action": "go_offline", "go_offline.hours": "0"}, "There is no connection", 404),
     ({"action": "slow", "slow.ms": "soon"}, "ms must be like 2000.", 422),
     ({"action": "explode"}, "action must be one of", 422)],
)  # fmt: skip
async def test_what_cannot_be_done_is_said(box, form, said, status):
    answer = await box.client.post("/sandbox/", data=form)
    assert answer.status_code == status
    assert said in answer.text


async def test_the_links_are_those_a_customer_gets(box):
    connection = box.a()
    (link,) = re.findall(rf'href="([^"]+connection_id={connection.key})"', (await page(box)).text)
    sign_in = await box.client.get(link.replace("&amp;", "&"))
    assert connection.name in sign_in.text


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example:8765"}])
async def test_another_web_page_can_neither_read_it_nor_press_its_buttons(box, headers):
    assert (await box.client.get("/sandbox/", headers=headers)).status_code == 403
    assert (await box.client.post("/sandbox/", headers=headers, data={"action": "reset"})).status_code == 403
