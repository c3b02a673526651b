"""What a Word or Markdown file is read into: its paragraphs in reading order, its tables as grids, what else it holds."""

from __future__ import annotations

from typing import NamedTuple

from xl2report.grid import Grid


class FileParagraph(NamedTuple):
    """A paragraph. ``marked``: the file sets it apart (a style, a number, ``#``); ``heading``: as a heading or title.

    ``number`` is the automatic number that stands before the text; of a ``lost`` one it is not known how it looks.
    ``typed`` is the line as it stands in the file, where reading took marks away. ``aside``: it is a footnote, not text.
    ``table``: a table stands here, ``text`` is how it begins, ``grid`` what it holds. ``picture``: a picture stands here.
    """

    text: str
    marked: bool = False
    aside: bool = False
    heading: bool = False
    table: bool = False
    picture: bool = False
    number: str = ""
    lost: bool = False
    typed: str = ""
    grid: Grid | None = None


class Document(NamedTuple):
    """A file as read. ``changes`` counts tracked changes, ``boxes`` text boxes, ``removed`` control characters."""

    paragraphs: tuple[FileParagraph, ...]
    is_markdown: bool = False
    changes: int = 0
    boxes: int = 0
    comments: tuple[str, ...] = ()
    removed: int = 0
