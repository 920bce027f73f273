"""The orders about a connection's past: uptime, looking for something, and all of it as a file."""

import asyncio
import csv
import io
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.services.history_export import ExportForm
from makini_desktop.services.store import Notice, Tone
from tests.contract.files import content_of
from tests.fakes.program import FakeProgram
from tests.unit.seen import refused, status

A, B = ConnectionId("A"), ConnectionId("B")
HOUR = timedelta(hours=1)


def now(program: FakeProgram, seen):
    evidence = msgspec.structs.replace(seen.evidence, at=program.clock.now())
    return msgspec.structs.replace(seen, evidence=evidence)


async def ends(program: FakeProgram) -> None:
    """Wait until no order runs any more."""
    await program.clock.settle()


@pytest.fixture
async def broken(program: FakeProgram) -> FakeProgram:
    """A was healthy for 20 minutes and has been broken for ten."""
    program.ledger.note(A, [now(program, status())])
    await program.clock.advance(2 * HOUR / 6)
    program.ledger.note(A, [now(program, refused())])
    await program.clock.advance(HOUR / 6)
    return program


async def exported(program: FakeProgram, path: Path, form: ExportForm) -> Notice:
    """Export the past of A and return what was said at the end."""
    said: asyncio.Queue[Notice] = asyncio.Queue()
    program.store.noticed.subscribe(said.put_nowait)
    program.history.export(A, path, form)
    async with asyncio.timeout(10):
        return await said.get()


class TestUptime:
    async def test_is_told_over_three_times(self, broken: FakeProgram):
        broken.history.load(A)
        await ends(broken)
        uptime = broken.store.detail(A).uptime
        assert [each.days for each in uptime] == [7, 30, 90]
        assert {each.known for each in uptime} == {HOUR / 2}
        assert all(each.share == pytest.approx(2 / 3) for each in uptime)
        assert {each.breaks for each in uptime} == {1}

    async def test_does_not_count_the_time_since_nothing_is_known(self, broken: FakeProgram):
        await broken.clock.advance(9 * HOUR)
        broken.ledger.reassess([A])
        broken.history.load(A)
        await ends(broken)
        assert broken.store.detail(A).uptime[0].known == HOUR / 3 + HOUR / 2

    async def test_comes_with_the_detail(self, broken: FakeProgram):
        broken.commands.load_detail(A)
        await ends(broken)
        assert broken.store.detail(A).uptime[0].breaks == 1

    async def test_of_a_program_just_started_does_not_count_the_time_it_was_closed(self, broken: FakeProgram):
        await broken.ledger.flush()
        await broken.clock.advance(9 * HOUR)
        later = FakeProgram(beside=broken)
        await later.ledger.adopt()
        later.history.load(A)
        await ends(later)
        assert later.store.row(A).health is Health.UNKNOWN
        assert later.store.detail(A).uptime[0].known == HOUR / 3 + HOUR / 2
        await later.aclose()


class TestFinding:
    @pytest.fixture
    async def told_much(self, program: FakeProgram) -> FakeProgram:
        program.ledger.tell(A, ActivityKind.SYNC, "Sync done", detail="12 records")
        program.ledger.tell(A, ActivityKind.LOGIN, "Signed in")
        program.ledger.tell(B, ActivityKind.LOGIN, "Signed in elsewhere")
        return program

    def found(self, program: FakeProgram, connection: ConnectionId = A) -> list[str] | None:
        found = program.store.detail(connection).found
        return None if found is None else [entry.headline for entry in found]

    async def test_nothing_is_looked_for_at_first(self, told_much: FakeProgram):
        told_much.commands.load_detail(A)
        await ends(told_much)
        assert self.found(told_much) is None

    async def test_by_kind_and_by_text(self, told_much: FakeProgram):
        told_much.history.find(A, {ActivityKind.LOGIN})
        await ends(told_much)
        assert self.found(told_much) == ["Signed in"]
        told_much.history.find(A, text="RECORDS")
        await ends(told_much)
        assert self.found(told_much) == ["Sync done"]
        told_much.history.find(A, {ActivityKind.LOGIN}, "records")
        await ends(told_much)
        assert self.found(told_much) == []

    async def test_of_two_searches_at_once_the_later_one_is_shown(self, told_much: FakeProgram):
        told_much.history.find(A, text="sign")
        told_much.history.find(A, text="sync")
        await ends(told_much)
        assert self.found(told_much) == ["Sync done"]

    async def test_what_comes_later_is_found_too(self, told_much: FakeProgram):
        told_much.history.find(A, {ActivityKind.LOGIN})
        await ends(told_much)
        told_much.ledger.tell(A, ActivityKind.LOGIN, "Signed in again")
        told_much.ledger.tell(A, ActivityKind.SYNC, "Sync done")
        await ends(told_much)
        assert self.found(told_much) == ["Signed in again", "Signed in"]

    @pytest.mark.parametrize("text", ["", "  "])
    async def test_ends_when_nothing_is_looked_for(self, told_much: FakeProgram, text: str):
        told_much.history.find(A, {ActivityKind.LOGIN})
        await ends(told_much)
        told_much.history.find(A, None, text)
        await ends(told_much)
        assert self.found(told_much) is None


class TestExport:
    async def test_json_holds_timeline_changes_and_uptime(self, broken: FakeProgram, tmp_path: Path):
        notice = await exported(broken, tmp_path / "a.json", ExportForm.JSON)
        assert notice.words == f"The history of Acme Foods is in {tmp_path / 'a.json'}."
        written = msgspec.json.decode(content_of(tmp_path / "a.json"))
        assert (written["id"], written["name"], written["system"]) == ("A", "Acme Foods", "SAP")
        assert [each["health"] for each in written["changes"]] == ["reconnect_needed", "healthy"]
        assert written["changes"][0]["evidence"]["request_id"] == "req-1"
        assert written["timeline"][0]["kind"] == "health"
        assert written["uptime"][0] == {
            "days": 7,
            "share": 0.666667,
            "known_seconds": 1800,
            "breaks": 1,
            "mean_repair_seconds": None,
        }

    async def test_csv_opens_in_a_spreadsheet(self, broken: FakeProgram, tmp_path: Path):
        await exported(broken, tmp_path / "a.csv", ExportForm.CSV)
        written = content_of(tmp_path / "a.csv")
        assert written.startswith(b"\xef\xbb\xbfat,record,kind,")
        rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))
        assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
        assert {(row["record"], row["health"]) for row in rows} >= {
            ("change", "healthy"), ("change", "reconnect_needed"), ("timeline", "reconnect_needed"),
        }  # fmt: skip

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
    async def test_no_cell_of_the_csv_is_a_formula(self, program: FakeProgram, tmp_path: Path, begin: str):
        formula = f'{begin}HYPERLINK("http://evil.example";"Bäcker")'
        program.ledger.tell(A, ActivityKind.SYNC, formula, detail=formula, request_id=formula)
        await exported(program, tmp_path / "a.csv", ExportForm.CSV)
        written = content_of(tmp_path / "a.csv")
        (row,) = [
            row
            for row in csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline=""))
            if row["kind"] == "sync"
        ]
        assert (row["headline"], row["detail"], row["request_id"]) == (f"'{formula}",) * 3

    async def test_a_place_that_takes_no_file_is_said(self, program: FakeProgram, tmp_path: Path):
        notice = await exported(program, tmp_path / "missing" / "a.csv", ExportForm.CSV)
        assert notice.tone is Tone.BAD
        assert "cannot be written: No such file or directory" in notice.words
