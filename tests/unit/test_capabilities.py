"""The table of endpoints, and what is said where something in it is not offered."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from makini_desktop.adapters import api
from makini_desktop.domain.capability import ENDPOINTS, Capability, Finding, Provenance
from makini_desktop.services.capabilities import lacking, name, not_offered, words
from tests.fakes.clock import START

DAY = timedelta(days=1)
MISSING = Finding(capability=Capability.START_SYNC, offered=False, at=START)


def test_every_capability_is_in_the_table_and_has_a_name_of_its_own():
    assert set(ENDPOINTS) == set(Capability)
    assert len({name(each) for each in Capability}) == len(Capability)


def test_nothing_published_has_a_stand_in():
    published = [each for each in ENDPOINTS.values() if each.provenance is Provenance.PUBLISHED]
    assert len(published) == 10
    assert not any(each.instead for each in published)


def test_stand_ins_end_with_something_published():
    for endpoint in ENDPOINTS.values():
        seen = [endpoint]
        while seen[-1].instead is not None:
            seen.append(ENDPOINTS[seen[-1].instead])
            assert len(seen) <= len(ENDPOINTS), "stand-ins go in a circle"
        assert len(seen) == 1 or seen[-1].provenance is Provenance.PUBLISHED


def test_the_adapter_has_no_second_list_of_paths():
    sources = "".join(source.read_text() for source in Path(api.__file__).parent.glob("*.py"))
    assert re.findall(r"[\"']/(?:system|integrations|sync-status)\b", sources) == []


@pytest.mark.parametrize("capability", Capability)
def test_what_is_not_offered_is_one_sentence(capability: Capability):
    sentence = words(capability)
    assert sentence.startswith(f"This server does not offer the {name(capability)}")
    assert sentence.endswith(".")
    assert sentence.count(".") == 1


@pytest.mark.parametrize(
    ("capability", "said"),
    [
        (Capability.CONNECTION_STATUS, "the list and the sync status"),
        (Capability.START_SYNC, "its own schedule"),
        (Capability.SYNC_HISTORY, "what this program saw itself"),
        (Capability.SYNC_SETTINGS, "cannot be changed here"),
        (Capability.WEBHOOK_SETTINGS, "in Makini's dashboard"),
    ],
)
def test_what_it_means_for_the_person_is_said(capability: Capability, said: str):
    assert said in words(capability)


def test_something_cannot_be_used_for_a_day_after_it_was_not_offered():
    findings = {Capability.START_SYNC: MISSING}
    assert lacking(findings, Capability.START_SYNC, START) == words(Capability.START_SYNC)
    assert lacking(findings, Capability.START_SYNC, START + DAY) == ""
    assert lacking(findings, Capability.SYNC_HISTORY, START) == ""
    offered = Finding(capability=Capability.START_SYNC, offered=True, at=START)
    assert lacking({Capability.START_SYNC: offered}, Capability.START_SYNC, START) == ""


def test_what_is_not_offered_comes_in_the_tables_order():
    status = Finding(capability=Capability.CONNECTION_STATUS, offered=False, at=START)
    found = {each.capability: each for each in (MISSING, status)}
    assert not_offered(found) == (Capability.CONNECTION_STATUS, Capability.START_SYNC)
