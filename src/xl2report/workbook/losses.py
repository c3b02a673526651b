"""What a workbook would lose if openpyxl opened and saved it, told from its parts before anything is touched.

Whatever is not known to be kept, or known to do no harm, counts as lost: content types of parts, elements of the
sheets and of the workbook, extensions by their uri. Known to do no harm: the calculation chain, printer settings, the
thumbnail, ``docProps/app.xml``, phonetic properties, sort states, watches, revision marks, the fonts inside comments.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from xl2report.form.model import Words
from xl2report.workbook.package import DAMAGE, PARTS_LIMIT, UNPACKED_LIMIT

Parts = Mapping[str, bytes]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"  # strict OOXML has another one
WORKBOOK, STYLES, STRINGS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"

REASONS: dict[str, Words] = {  # the first that holds is given
    "unreadable": Words("文件读不出来", "it cannot be read"),
    "encrypted": Words("工作簿加了打开密码，副本会没有密码", "it is encrypted, and the copy would not be"),
    "old-format": Words("不是 .xlsx 格式", "it is no .xlsx"),
    "not-opened": Words("文件不能按 Excel 工作簿改写", "the file cannot be edited as an Excel workbook"),
    "macros": Words("工作簿里有宏", "it holds macros"),
    "pictures": Words("工作簿里有图片", "it holds pictures"),
    "charts": Words("工作簿里有图表", "it holds charts"),
    "drawings": Words("工作簿里有图形或文本框", "it holds shapes or text boxes"),
    "controls": Words("工作簿里有按钮等控件", "it holds form controls"),
    "embedded": Words("工作簿里嵌入了其他文件", "other files are embedded in it"),
    "pivots": Words("工作簿里有数据透视表", "it holds pivot tables"),
    "slicers": Words("工作簿里有切片器", "it holds slicers"),
    "sparklines": Words("工作簿里有迷你图", "it holds sparklines"),
    "threaded-comments": Words("工作簿里有会话批注", "it holds threaded comments"),
    "validations": Words("工作簿里有新版的数据验证", "it holds data validations of a newer kind"),
    "formats": Words("工作簿里有新版的条件格式", "it holds conditional formats of a newer kind"),
    "ranges": Words("工作簿里有允许编辑区域", "it holds ranges that certain people may edit"),
    "views": Words("工作簿里有自定义视图", "it holds custom views"),
    "external-links": Words("工作簿里有指向其他文件的链接", "it holds links to other files"),
    "custom-xml": Words("工作簿里有其他系统写入的数据", "it holds data that another system wrote into it"),
    "phonetic": Words("工作簿里有拼音标注", "it holds phonetic guides"),
    "other": Words("工作簿里有不能原样保存的内容", "it holds something that would not survive"),
    "changed": Words("改写后有的内容与原来不同", "something in it would change"),
}

_TYPES: tuple[tuple[str, str], ...] = (  # what a content type holds, in small letters, and what is lost with it
    ("macroenabled", "macros"), ("vbaproject", "macros"), ("image/", "pictures"), ("cellimage", "pictures"),
    ("drawingml.chart", "charts"), ("chartsheet", "charts"), ("chartex", "charts"), ("chartstyle", "charts"),
    ("pivot", "pivots"), ("slicer", "slicers"), ("timeline", "slicers"), ("threadedcomments", "threaded-comments"),
    ("person+xml", "threaded-comments"), ("controlproperties", "controls"), ("activex", "controls"),
    ("oleobject", "embedded"), ("externallink", "external-links"), ("customxml", "custom-xml"), ("drawing+xml", "drawings"),
)  # fmt: skip
_KEPT_TYPES = re.compile(
    r"(sheet\.main|template\.main|worksheet|styles|sharedstrings|theme|comments|table|core-properties|extended-properties|"
    r"custom-properties|relationships|calcchain)\+xml$|spreadsheetml\.printersettings$|vmldrawing$"
)
_HARMLESS_NAMES = re.compile(r"docprops/thumbnail\.", re.IGNORECASE)
_SHEET = frozenset(  # kept, or harmless
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetProtection scenarios autoFilter mergeCells "
    "conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks "
    "legacyDrawing tableParts ignoredErrors sheetCalcPr sortState phoneticPr cellWatches extLst".split()
)
_WORKBOOK = frozenset(
    "fileVersion workbookPr workbookProtection bookViews sheets definedNames calcPr fileRecoveryPr revisionPtr "
    "AlternateContent extLst".split()  # the alternate content is the folder it was saved in
)
_ELEMENTS = {
    "drawing": "drawings", "legacyDrawingHF": "pictures", "drawingHF": "pictures", "picture": "pictures",
    "oleObjects": "embedded", "controls": "controls", "AlternateContent": "controls", "protectedRanges": "ranges",
    "customSheetViews": "views", "customWorkbookViews": "views", "externalReferences": "external-links", "pivotCaches": "pivots",
}  # fmt: skip
_EXTENSIONS = {
    "{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}": "validations",
    "{78C0D931-6437-407D-A8EE-F0AAD7539E65}": "formats",
    "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}": "formats",
    "{05C60535-1F16-4FD2-B633-F4F36F0B64E0}": "sparklines",
    "{A8765BA9-456A-4DAB-B4F3-ACF838C121DE}": "slicers",
    "{3A4CF648-6AED-40F4-86FF-DC5316D8AED3}": "slicers",
    "{7E03D99C-DC04-49D9-9315-930204A7B6E9}": "slicers",
}
_HARMLESS_EXTENSIONS = frozenset({
    "{140A7094-0E35-4892-8432-C4D2E57EDEB5}",  # which version of charts the workbook is tracked with
    "{B58B0392-4F1F-4190-BB64-5DF3571DCE5F}",  # features of the calculation engine
    "{7626C862-2A13-11E5-B345-FEFF819CDC9F}",  # how Calc reads addresses that are texts
    "autoFilterAnalysis",  # whether WPS shows its pane about a filter
})
_ADDRESS = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}\Z")
_NOTE = re.compile(rb"ObjectType\s*=\s*[\"'](\w+)")


class CannotMark(Exception):
    """A workbook that cannot be marked as it is: why, as a key of REASONS, and the part or element it was seen in."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail

    def message(self, language: str = "zh") -> str:
        return REASONS[self.reason].in_language(language)


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of an .xlsx by name, within the reader's limits; CannotMark if it cannot be unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = [entry for entry in package.infolist() if not entry.filename.endswith("/")]
            if len(entries) > PARTS_LIMIT or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
                raise CannotMark("not-opened", "size")
            parts = {entry.filename: package.read(entry) for entry in entries}
    except DAMAGE as error:
        raise CannotMark("not-opened", "zip") from error
    if len(parts) != len(entries) or WORKBOOK not in parts or "[Content_Types].xml" not in parts:
        raise CannotMark("not-opened", "parts")
    return parts


def refuse_losses(parts: Parts) -> None:
    """CannotMark, with the first reason of REASONS that holds, if anything would be lost."""
    found: dict[str, str] = {}
    for reason, detail in _losses(parts):
        found.setdefault(reason, detail)
    for reason in REASONS:
        if reason in found:
            raise CannotMark(reason, found[reason])


def xml(parts: Parts, name: str) -> Element:
    """A part as a tree; CannotMark if it is no plain XML."""
    part = parts[name]
    if b"<!DOCTYPE" in part or b"\x00" in part:  # entities without bounds; encodings that hide them
        raise CannotMark("not-opened", name)
    try:
        return ElementTree.fromstring(part)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise CannotMark("not-opened", name) from error


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _losses(parts: Parts) -> Iterator[tuple[str, str]]:
    type_of = _content_types(parts)
    for name in parts:
        kind = type_of(name)
        if name.endswith((".xml", ".rels")):
            tree = xml(parts, name)
            yield from _element_losses(name, kind, tree)
        if kind.endswith("vmldrawing") and any(found != b"Note" for found in _NOTE.findall(parts[name])):
            yield "controls", name
        if name == "[Content_Types].xml" or _HARMLESS_NAMES.match(name):
            continue
        if reason := next((reason for word, reason in _TYPES if word in kind), ""):
            yield reason, name
        elif name.lower().startswith("customxml/"):
            yield "custom-xml", name
        elif not _KEPT_TYPES.search(kind) or (kind.endswith("theme+xml") and name != "xl/theme/theme1.xml"):
            yield "other", name


def _element_losses(name: str, kind: str, tree: Element) -> Iterator[tuple[str, str]]:
    known = _SHEET if kind.endswith("worksheet+xml") else _WORKBOOK if name == WORKBOOK else None
    if known is not None:
        if not tree.tag.startswith(MAIN):
            yield "not-opened", name
        for child in tree:
            if local(child.tag) not in known:
                yield _ELEMENTS.get(local(child.tag), "other"), f"{name} {local(child.tag)}"
    if known is not None or kind.endswith("table+xml"):
        for element in (child for extensions in tree.iter(f"{MAIN}extLst") for child in extensions):
            key = element.get("uri", "").upper() or local(element.tag)  # WPS puts its own straight into the list
            if key not in _HARMLESS_EXTENSIONS:
                yield _EXTENSIONS.get(key, "other"), f"{name} {key}"
    if kind.endswith("comments+xml") and not all(_ADDRESS.match(note.get("ref", "")) for note in tree.iter(f"{MAIN}comment")):
        yield "not-opened", name  # openpyxl would make every cell of an area
    if kind.endswith("sharedstrings+xml") and next(tree.iter(f"{MAIN}rPh"), None) is not None:
        yield "phonetic", name


def _content_types(parts: Parts) -> Callable[[str], str]:
    """The content type of a part by its name, in small letters; "" of one that has none."""
    tree = xml(parts, "[Content_Types].xml")
    kinds = {"Default": "Extension", "Override": "PartName"}
    found = {
        element.get(kinds[local(element.tag)], "").lower(): element.get("ContentType", "").lower()
        for element in tree
        if local(element.tag) in kinds
    }
    return lambda name: found.get(f"/{name}".lower()) or found.get(name.lower().rpartition(".")[2], "")
