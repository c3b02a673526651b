"""One line of the change list that a transfer hands on beside the fresh workbook."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from xl2report.submission import NOWHERE, Place

ChangeKind: TypeAlias = Literal["unread", "doubtful", "total", "repaired", "dropped", "moved", "rolled"]
KINDS: tuple[ChangeKind, ...] = ("unread", "doubtful", "total", "repaired", "dropped", "moved", "rolled")  # most pressing first


class Change(NamedTuple):
    """Something that is not in the fresh workbook as it was in the source, or not at the same place.

    unread: it stood in the source and is not in the fresh one. doubtful: it was carried over, and whether it belongs
    there has to be compared. total: a typed or stored total (``raw``) is not the computed one (``value``, "" where parts
    are missing). repaired: ``raw`` became ``value``. dropped: the fresh workbook has no use for it. moved: it stands
    elsewhere. rolled: taken over from last year. ``code`` is a code of the catalogue, whose sentence ``words`` fill, or a
    word for a reason of the transfer's own. ``cells`` is the number of cells that the line is about.
    """

    kind: ChangeKind
    code: str
    source: Place = NOWHERE
    target: Place = NOWHERE
    raw: str = ""
    value: str = ""
    words: tuple[tuple[str, str], ...] = ()
    cells: int = 1

    @property
    def item(self) -> tuple[str, ...]:
        """The item's labels from the outside in; empty for a line about a sheet."""
        return self.target.item or self.source.item
