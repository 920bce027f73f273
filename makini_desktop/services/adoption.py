"""Adoption: a new connection takes the place of an old one of the same customer, which is then disconnected.

Every step is kept before the next begins and can be taken twice, so that a kill at any of them leaves either
both connections or an adoption that the next start finishes. The old one ends last.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from enum import Enum

import msgspec

from makini_desktop.core.text import _
from makini_desktop.domain.activity import ActivityKind
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError, ProfileInUse, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.settings import ConnectionSettings, ScheduleChange, SyncMode, WebhookChange
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.disconnect import Disconnect
from makini_desktop.services.inbox import Inbox
from makini_desktop.services.ports import Database
from makini_desktop.services.settings import Settings
from makini_desktop.services.wording import ended

_log = logging.getLogger(__name__)


class Step(Enum):
    """What is done of an adoption."""

    ASKED = "asked"
    AGREED = "agreed"
    SETTINGS_TAKEN = "settings_taken"
    HISTORY_MOVED = "history_moved"


class Question(msgspec.Struct, frozen=True):
    """Whether a new connection takes the place of an old one.

    Attributes:
        step: `ASKED` while nobody has answered.
        left: what could not be taken over, as sentences.
    """

    old: ConnectionId
    new: ConnectionId
    step: Step = Step.ASKED
    left: tuple[str, ...] = ()


class Adoption:
    """Asks, adopts or keeps both; what was decided is carried out by the next start if this one is killed.

    What is asked is in `Store.adoptions`.
    """

    def __init__(
        self,
        parts: AccountParts,
        settings: Settings,
        disconnect: Disconnect,
        inbox: Inbox,
        database: Database,
    ) -> None:
        self._account = parts.account
        self._locks = parts.locks
        self._store = parts.store
        self._ledger = parts.ledger
        self._settings = settings
        self._disconnect = disconnect
        self._inbox = inbox
        self._database = database
        self._questions: dict[ConnectionId, Question] = {}

    @property
    def questions(self) -> Mapping[ConnectionId, Question]:
        """What is asked or under way, by the id of the old connection."""
        return self._questions

    async def load(self) -> None:
        """Take up what an earlier run, or another process, has asked and not finished."""
        kept = await self._database.setting(self._key())
        try:
            found = msgspec.json.decode(kept or "[]", type=tuple[Question, ...])
        except msgspec.DecodeError:
            _log.warning("open adoptions cannot be read")
            found = ()
        self._questions = {question.old: question for question in found}
        self._show()

    async def ask(self, old: ConnectionId, new: ConnectionId) -> None:
        """Keep that a new connection stands beside an old one, until somebody decides."""
        await self._keep(Question(old, new))

    async def keep_both(self, old: ConnectionId) -> None:
        """Leave both connections as they are.

        Raises:
            UsageError: there is no such question, or it was answered already.
        """
        if self._asked(old).step is not Step.ASKED:
            raise UsageError(_("The new connection is taking over already."))
        await self._forget(old)

    async def adopt(self, old: ConnectionId) -> Question:
        """Move settings, metadata, note, mute and history to the new connection, then end the old one.

        Returns:
            What was adopted, and what was left.

        Raises:
            UsageError: there is no such question.
            ProfileInUse: another process adopts it just now.
            MakiniDesktopError: a step failed; the adoption goes on there when it is called again.
        """
        question = self._asked(old)
        async with self._locks.hold(f"adopt {self._account().name} {old}", wait=False) as held:
            if not held:
                raise ProfileInUse(
                    _("The new connection is taking over already, in another window or command.")
                )
            if question.step is Step.ASKED:
                question = await self._keep(msgspec.structs.replace(question, step=Step.AGREED))
            if question.step is Step.AGREED:
                left = await self._take_settings(question)
                question = await self._keep(
                    msgspec.structs.replace(question, step=Step.SETTINGS_TAKEN, left=left)
                )
            if question.step is Step.SETTINGS_TAKEN:
                await self._move(question)
                question = await self._keep(msgspec.structs.replace(question, step=Step.HISTORY_MOVED))
            await self._disconnect.run(old)
            self._ledger.tell(
                question.new,
                ActivityKind.SETTING,
                _("Took the place of {id}").format(id=old),
                detail=" ".join(question.left),
                health=Health.HEALTHY,
            )
            await self._ledger.flush()
            await self._forget(old)
        return question

    async def resume(self) -> tuple[Question, ...]:
        """Finish what was agreed to and is not done; what fails is tried at the next call.

        Returns:
            What was finished.
        """
        await self.load()
        finished = []
        for question in tuple(self._questions.values()):
            if question.step is Step.ASKED or self._store.row(question.new) is None:
                continue
            try:
                finished.append(await self.adopt(question.old))
            except MakiniDesktopError as error:
                _log.warning("adoption of %s not finished: %s", question.old, error)
        return tuple(finished)

    def _asked(self, old: ConnectionId) -> Question:
        question = self._questions.get(old)
        if question is None:
            raise UsageError(_("No new connection stands beside “{id}”.").format(id=old))
        return question

    async def _take_settings(self, question: Question) -> tuple[str, ...]:
        """Set for the new connection what was set for the old one; return what could not be."""
        known = self._store.detail(question.old).settings
        read = await self._settings.read(question.old)
        old = _completed(read, known)
        left = [
            _("How often the old one synced is not known here; set that again.")
            if old.schedule is None
            else "",
            _("Where the old one sent its events is not known here; set that again.")
            if old.webhook is None
            else "",
            _("The metadata of the old one could not be read; copy it by hand.")
            if old.metadata is None
            else "",
        ]
        if old.schedule is not None:
            change = ScheduleChange(
                mode=old.schedule.mode if old.schedule.mode is not SyncMode.UNKNOWN else None,
                interval_minutes=old.schedule.interval_minutes,
                history_days=old.schedule.history_days,
            )
            left.append(await _failure(self._settings.change_schedule(question.new, change)))
        if old.webhook is not None and old.webhook.url:
            events = WebhookChange(url=old.webhook.url, events=old.webhook.events)
            left.append(
                await _failure(self._settings.change_webhook(question.new, events))
                or _("The secret that signs its events is not known here; set that again.")
            )
        if old.metadata:
            left.append(await _failure(self._settings.set_metadata(question.new, old.metadata)))
        return tuple(filter(None, left))

    async def _move(self, question: Question) -> None:
        await self._inbox.move_mute(question.old, question.new)
        await self._ledger.flush()
        await self._database.move_connection(self._account().name, question.old, question.new)
        self._ledger.moved(question.old, question.new)

    async def _keep(self, question: Question) -> Question:
        await self._change(question.old, question)
        return question

    async def _forget(self, old: ConnectionId) -> None:
        await self._change(old, None)

    async def _change(self, old: ConnectionId, question: Question | None) -> None:
        """Replace or remove one question; those that another process asked meanwhile stay."""
        async with self._locks.hold(f"adoptions {self._account().name}", wait=True):
            await self.load()
            if question is None:
                self._questions.pop(old, None)
            else:
                self._questions[old] = question
            kept = msgspec.json.encode(tuple(self._questions.values())).decode()
            await self._database.set_setting(self._key(), kept)
        self._show()

    def _show(self) -> None:
        """Let what is asked be seen."""
        self._store.set_adoptions(
            {each.old: each.new for each in self._questions.values() if each.step is Step.ASKED}
        )

    def _key(self) -> str:
        return f"login.adoptions.{self._account().name}"


def _completed(read: ConnectionSettings, known: ConnectionSettings) -> ConnectionSettings:
    """Return settings as they can be read, and else as they were when they last could."""
    return msgspec.structs.replace(
        read,
        schedule=read.schedule or known.schedule,
        webhook=read.webhook or known.webhook,
        metadata=read.metadata if read.metadata is not None else known.metadata,
    )


async def _failure(work: Awaitable[object]) -> str:
    """Return why a setting could not be taken over, empty if it was."""
    try:
        await work
    except MakiniDesktopError as error:
        return ended(str(error))
    return ""
