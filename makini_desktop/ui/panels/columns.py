"""The columns of the list: which are shown, in which order and width; kept as one setting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QWidget

from makini_desktop.core.event import Event
from makini_desktop.domain.health import Health
from makini_desktop.services import moments
from makini_desktop.services.wording import health_word
from makini_desktop.ui.look import Look
from makini_desktop.ui.models.listing import COLUMNS, Column, column_title

HEADER_HEIGHT = 36
PADDING = 8
CUSTOMER_EASE = 24
"""What the customer's column gets before the others share."""

_STRETCH = {
    Column.HEALTH: 0,
    Column.CUSTOMER: 5,
    Column.SYSTEM: 3,
    Column.LAST_GOOD: 2,
    Column.NEXT: 2,
    Column.TOKEN: 2,
    Column.DAYS: 3,
    Column.TAGS: 3,
}
_GIVES_WAY = (Column.DAYS, Column.TAGS, Column.NEXT, Column.TOKEN)
"""The columns left out where the window is too narrow, the first first."""


class Arrangement(msgspec.Struct, frozen=True, kw_only=True):
    """What the person chose."""

    order: tuple[str, ...] = tuple(column.value for column in COLUMNS)
    hidden: tuple[str, ...] = (Column.TAGS.value,)
    widths: dict[str, int] = {}
    sort: str = Column.HEALTH.value
    descending: bool = False

    @classmethod
    def read(cls, text: str | None) -> Arrangement:
        """Return what `text` holds; the usual arrangement where it holds nothing usable."""
        try:
            return msgspec.json.decode(text or "{}", type=cls)
        except msgspec.MsgspecError:
            return cls()


class ColumnHeader(QHeaderView):
    """The heading row: moves, sizes, hides and sorts columns and fits them into the width there is.

    Attributes:
        rearranged: the person changed something; the new arrangement.
    """

    def __init__(self, look: Look, arrangement: Arrangement, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.rearranged: Event[Arrangement] = Event()
        self._look = look
        self._hidden = {Column(name) for name in arrangement.hidden if name in _NAMES}
        self._widths = {Column(name): width for name, width in arrangement.widths.items() if name in _NAMES}
        self._start = arrangement
        self._fitting = False
        self._room = 0
        self.setFont(look.small)
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setSortIndicatorShown(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setFixedHeight(max(HEADER_HEIGHT, QFontMetrics(look.small).height() + 16))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def begin(self) -> None:
        """Put the columns as they were left; to be called once the view has its model."""
        start = self._start
        names = [name for name in start.order if name in _NAMES]
        names += [column.value for column in COLUMNS if column.value not in names]
        for visual, name in enumerate(names):
            self.moveSection(self.visualIndex(_LOGICAL[Column(name)]), visual)
        sort = Column(start.sort) if start.sort in _NAMES else Column.HEALTH
        order = Qt.SortOrder.DescendingOrder if start.descending else Qt.SortOrder.AscendingOrder
        self.setSortIndicator(_LOGICAL[sort], order)
        self.sectionMoved.connect(self._tell)
        self.sortIndicatorChanged.connect(self._tell)
        self.sectionResized.connect(self._resized)

    def chosen(self, column: Column) -> bool:
        """Tell whether the person wants to see a column."""
        return column not in self._hidden

    def choose(self, column: Column, shown: bool) -> None:
        """Show or hide a column; health and customer always stay."""
        if column in {Column.HEALTH, Column.CUSTOMER}:
            return
        if shown:
            self._hidden.discard(column)
        else:
            self._hidden.add(column)
        self.fit(self._room)
        self._tell()

    def fit(self, room: int) -> None:
        """Give the chosen columns widths that fill `room`, leaving some out where it is too narrow."""
        self._room = room
        if room <= 0:
            return
        wanted = [column for column in COLUMNS if column not in self._hidden]
        widths = {column: self._widths.get(column, self._natural(column)) for column in wanted}
        for column in _GIVES_WAY:
            if sum(widths.values()) <= room:
                break
            widths.pop(column, None)
        spare = room - sum(widths.values())
        if spare > 0:
            more = min(spare, CUSTOMER_EASE)
            widths[Column.CUSTOMER] += more
            spare -= more
            shares = {column: _STRETCH[column] for column in widths}
            whole = sum(shares.values())
            for column in widths:
                widths[column] += spare * shares[column] // whole
            widths[Column.CUSTOMER] += room - sum(widths.values())
        self._fitting = True
        try:
            for logical, column in enumerate(COLUMNS):
                self.setSectionHidden(logical, column not in widths)
                if column in widths:
                    self.resizeSection(logical, widths[column])
        finally:
            self._fitting = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the headings and the line below them."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._look.colour("panel"))
        painter.end()
        super().paintEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """Paint one heading."""
        look = self._look
        painter.fillRect(rect, look.colour("panel"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.colour("line"))
        sorted_here = logical == self.sortIndicatorSection()
        inner = rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.setFont(look.small)
        painter.setPen(look.colour("text" if sorted_here else "secondary"))
        metrics = QFontMetrics(look.small)
        title = column_title(COLUMNS[logical])
        text = metrics.elidedText(title, Qt.TextElideMode.ElideRight, inner.width())
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | side | Qt.AlignmentFlag.AlignAbsolute, text)
        beyond = metrics.horizontalAdvance(text) + 6
        if sorted_here and beyond + 7 <= inner.width() + 4:
            arrow = QRect(inner.left() + beyond, inner.center().y() - 1, 7, 4)
            arrow = QStyle.visualRect(self.layoutDirection(), inner, arrow)
            self._arrow(painter, arrow)

    def _arrow(self, painter: QPainter, rect: QRect) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.colour("secondary"), 1.4))
        down = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        tip, ends = (rect.bottom(), rect.top()) if down else (rect.top(), rect.bottom())
        middle = rect.center().x()
        painter.drawLine(rect.left(), ends, middle, tip)
        painter.drawLine(middle, tip, rect.right(), ends)
        painter.restore()

    def _natural(self, column: Column) -> int:
        look = self._look
        title = QFontMetrics(look.small).horizontalAdvance(column_title(column)) + 16
        body = QFontMetrics(look.body)
        match column:
            case Column.HEALTH:
                strong = QFontMetrics(look.strong)
                content = 24 + max(strong.horizontalAdvance(health_word(health)) for health in Health)
            case Column.CUSTOMER:
                content = 126
            case Column.SYSTEM | Column.TAGS:
                content = 90
            case Column.LAST_GOOD:
                content = body.horizontalAdvance(moments.relative(_SAMPLE, _SAMPLE + timedelta(minutes=58)))
            case Column.NEXT:
                content = body.horizontalAdvance(moments.until(_SAMPLE + timedelta(minutes=58), _SAMPLE))
            case Column.TOKEN:
                content = body.horizontalAdvance(moments.span(timedelta(days=28)))
            case Column.DAYS:
                content = 30 * 4
        return max(title, content) + 2 * PADDING

    def _resized(self, logical: int, _old: int, new: int) -> None:
        if self._fitting:
            return
        self._widths[COLUMNS[logical]] = new
        self._tell()

    def _tell(self, *_changed: object) -> None:
        visual = sorted(range(len(COLUMNS)), key=self.visualIndex)
        section = self.sortIndicatorSection()
        self.rearranged.emit(
            Arrangement(
                order=tuple(COLUMNS[logical].value for logical in visual),
                hidden=tuple(column.value for column in COLUMNS if column in self._hidden),
                widths={column.value: width for column, width in self._widths.items()},
                sort=COLUMNS[section].value,
                descending=self.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder,
            )
        )


_SAMPLE = datetime(2000, 1, 1, tzinfo=UTC)
_NAMES = {column.value for column in COLUMNS}
_LOGICAL = {column: logical for logical, column in enumerate(COLUMNS)}
