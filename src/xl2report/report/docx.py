"""The report as a Word file: one template is the whole body, a reference file in Word's own format is the whole style."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markupsafe import Markup, escape

from xl2report.report.docx_picture import Picture, pictures
from xl2report.report.docx_table import word_table
from xl2report.report.environment import encoded, template
from xl2report.report.headline import title_lines
from xl2report.report.seal import CORE, SLOT, sealed
from xl2report.report.signature import begins, signature_lines
from xl2report.report.stamp import stamp
from xl2report.report.view import Report
from xl2report.report.words import finding_lines, words
from xl2report.shipped import folder

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ElementTree.register_namespace("w", _W)
ElementTree.register_namespace("r", _R)

_TYPES, _DOCUMENT, _RELATIONS = "[Content_Types].xml", "word/document.xml", "word/_rels/document.xml.rels"
_STYLES, _HEADER = "word/styles.xml", "word/header_draft.xml"
_HEADER_ID, _PICTURE_ID = "rIdDraftHeader", "rIdPicture"
_LINE, _TITLE_LINE, _CHARACTER = 579, 700, 316  # the lines of the page and those of the title, as in the reference
_EPOCH = (1980, 1, 1, 0, 0, 0)

# What XML 1.0 cannot hold, even as a reference. Halves of surrogate pairs are left to `encoded`, which shows them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BREAKS = re.compile(r"(\r\n|\r|\n|\t)")
# Without the hint Word sets “ ” … and — in the Latin font, where they are half as wide.
_RUN_START, _RUN_END = '<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>', "</w:r>"
_NARROW_START = '<w:r><w:rPr><w:rFonts w:hint="eastAsia"/><w:w w:val="{}"/></w:rPr>'
_BREAK, _TAB = "<w:br/>", "<w:tab/>"


@dataclass(frozen=True, slots=True)
class Reference:
    """The style reference: its parts, the ids of its styles by name, its last section, the size of its text in twips."""

    parts: Mapping[str, bytes]
    styles: Mapping[str, str]
    section: str
    width: int
    height: int

    def style(self, name: str) -> str:
        """The id of a style. Word renames ids when it saves (``Heading1`` becomes ``1``), names it keeps."""
        try:
            return self.styles[name.lower()]
        except KeyError:
            raise ValueError(f"the Word style reference has no style named '{name}'") from None


def render(report: Report, language: str = "zh", reference: Path | None = None) -> bytes:
    """The report as .docx; the same report gives the same bytes. ``language`` is that of a draft's findings.

    ``reference`` is a restyled copy of templates/reference.docx. ValueError if it lacks a style or its page; NoTypesetter
    if there are charts and this machine cannot draw them.
    """
    said = words(report, language)
    path = reference or folder("templates") / "reference.docx"
    base = _reference(path, path.stat().st_mtime_ns)
    section = _draft_section(base.section) if report.draft else base.section
    shown = pictures(report, said["scan"])
    drawn = dict(zip(map(id, report.charts), shown, strict=False))
    body = template("document.xml.j2").render(
        report=report,
        title="\n".join(title_lines(report)),
        title_space=_title_space(len(title_lines(report))),
        signature=_signature(report, base.width),
        picture=lambda part: drawn[id(part)],
        code=shown[-1] if len(shown) > len(report.charts) else None,
        picture_id=_PICTURE_ID,
        grids={table.id: word_table(table, base.width, base.height) for table in report.tables},
        findings=finding_lines(report, language),
        words=said,
        section=Markup(section),
        style=base.style,
        runs=runs,
        clean=clean,
    )
    parts = {**base.parts, _DOCUMENT: encoded(body), CORE: _core(report)}
    if shown:
        parts |= _picture_parts(parts, shown)
    if report.draft:
        parts |= _draft_parts(parts, base.style("草稿标记"), said["draft"])
    return _zipped(sealed(parts))


def clean(text: str) -> str:
    """The text without the control characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def runs(text: str, scale: int = 100) -> Markup:
    """A text as one run: escaped, its spaces kept, its line ends and tabs as Word's own; ``scale`` percent as wide."""
    pieces = []
    # Plain strings: a report has some five hundred runs, and Markup.format takes half the time of the whole file.
    for piece in _BREAKS.split(clean(text)):
        if piece == "\t":
            pieces.append(_TAB)
        elif piece in ("\n", "\r", "\r\n"):
            pieces.append(_BREAK)
        elif piece:
            safe = piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            pieces.append(f'<w:t xml:space="preserve">{safe}</w:t>')
    start = _RUN_START if scale == 100 else _NARROW_START.format(scale)
    return Markup(f"{start}{''.join(pieces)}{_RUN_END}")


def _title_space(lines: int) -> int:
    """The space below the title, in twips: a line and what is left over, so that the text stands on the page's lines."""
    height = lines * _TITLE_LINE
    return math.ceil((height + _LINE) / _LINE) * _LINE - height


def _signature(report: Report, width: int) -> list[tuple[int, str]]:
    """Each paragraph of the signature: where it begins in a text of ``width`` twips, and its lines."""
    entries = signature_lines(report)
    lefts = [max(width - round(at * _CHARACTER), 0) for at in begins(entries)]
    return [(left, "\n".join(lines)) for left, lines in zip(lefts, entries, strict=True)]


@lru_cache(maxsize=4)
def _reference(path: Path, _changed: int) -> Reference:
    """A reference file, read once for as long as it is not changed."""
    with zipfile.ZipFile(path) as package:
        parts = {entry.filename: package.read(entry) for entry in package.infolist() if not entry.is_dir()}
    if missing := {_TYPES, _DOCUMENT, _RELATIONS, _STYLES} - parts.keys():
        raise ValueError(f"the Word style reference {path} has no part {sorted(missing)[0]}")
    styles = {
        name.get(_w("val"), "").lower(): style.get(_w("styleId"), "")
        for style in ElementTree.fromstring(parts[_STYLES]).iter(_w("style"))
        for name in style.iter(_w("name"))
    }
    section = ElementTree.fromstring(parts[_DOCUMENT]).find(f"{_w('body')}/{_w('sectPr')}")
    if section is None:
        raise ValueError(f"the Word style reference {path} has no page set-up")
    width, height = _text_size(section)
    section.tail = None
    return Reference(parts, styles, ElementTree.tostring(section, "unicode"), width, height)


def _text_size(section: Element) -> tuple[int, int]:
    page, margins = section.find(_w("pgSz")), section.find(_w("pgMar"))
    if page is None or margins is None:
        raise ValueError("the Word style reference has no page size or margins")

    def inside(element: Element, whole: str, *edges: str) -> int:
        return int(element.get(_w(whole), "0")) - sum(abs(int(margins.get(_w(edge), "0"))) for edge in edges)

    return inside(page, "w", "left", "right", "gutter"), inside(page, "h", "top", "bottom")


def _draft_section(section: str) -> str:
    """The section with the draft's header on every page, whatever headers it had: first, odd and even ones are apart."""
    element = ElementTree.fromstring(section)
    for old in element.findall(_w("headerReference")):
        element.remove(old)
    for place in ("default", "first", "even"):
        element.insert(0, Element(_w("headerReference"), {_w("type"): place, f"{{{_R}}}id": _HEADER_ID}))
    return ElementTree.tostring(element, "unicode")


def _picture_parts(parts: Mapping[str, bytes], shown: Iterable[Picture]) -> dict[str, bytes]:
    """The pictures, and the two lists of parts that must name them."""
    found = {picture.name: picture.content for picture in shown}
    relations = parts[_RELATIONS]
    for picture in shown:
        target = picture.name.removeprefix("word/")
        relations = _with_child(
            relations,
            f'<Relationship xmlns="{_PACKAGE}/relationships" Id="{_PICTURE_ID}{picture.number}" Type="{_R}/image" Target="{target}"/>',
        )
    types = parts[_TYPES]
    if not re.search(rb'Extension="png"', types, re.IGNORECASE):  # Word takes a kind that is named twice for damage
        types = _with_child(types, f'<Default xmlns="{_PACKAGE}/content-types" Extension="png" ContentType="image/png"/>')
    return {**found, _RELATIONS: relations, _TYPES: types}


def _draft_parts(parts: Mapping[str, bytes], style: str, mark: str) -> dict[str, bytes]:
    """The header part that carries the draft's mark, and the two lists of parts that must name it."""
    header = Markup(
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:hdr xmlns:w="{}"><w:p><w:pPr>'
        '<w:pStyle w:val="{}"/></w:pPr>{}</w:p></w:hdr>'
    ).format(_W, style, runs(mark))
    relation = (
        f'<Relationship xmlns="{_PACKAGE}/relationships" Id="{_HEADER_ID}" Type="{_R}/header" Target="header_draft.xml"/>'
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    override = f'<Override xmlns="{_PACKAGE}/content-types" PartName="/{_HEADER}" ContentType="{kind}"/>'
    return {
        _HEADER: header.encode(),
        _RELATIONS: _with_child(parts[_RELATIONS], relation),
        _TYPES: _with_child(parts[_TYPES], override),
    }


def _with_child(part: bytes, child: str) -> bytes:
    """The XML with one more element at the end of its root; the rest keeps its bytes."""
    head, tag, tail = part.rpartition(b"</")
    return head + child.encode() + tag + tail


def _core(report: Report) -> bytes:
    """The document's properties: its title and its agency. Whoever saved the reference stays unnamed."""
    text = Markup(
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties xmlns:cp="{}" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:identifier>{}</dc:identifier><dc:title>{}</dc:title><dc:creator>{}</dc:creator>'
        '<dcterms:created xsi:type="dcterms:W3CDTF">{}</dcterms:created>'
        '<dcterms:modified xsi:type="dcterms:W3CDTF">{}</dcterms:modified>'
        "<dc:language>{}</dc:language></cp:coreProperties>"
    )
    core = f"{_PACKAGE}/metadata/core-properties"
    date = stamp(report).strftime("%Y-%m-%dT%H:%M:%SZ")
    language = "zh-Hant" if report.script == "hant" else "zh-CN"
    return encoded(text.format(core, SLOT.decode(), escape(clean(report.title)), escape(clean(report.agency)), date, date, language))


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    """The parts as one package in their order, with nothing in it that depends on the time or the machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in _ordered(parts.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            package.writestr(entry, content)
    return out.getvalue()


def _ordered(parts: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The list of content types first, as every reader of packages expects; the rest by name."""
    return sorted(parts, key=lambda part: (part[0] != _TYPES, part[0]))


def _w(name: str) -> str:
    return f"{{{_W}}}{name}"
