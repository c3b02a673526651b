"""What a file is, by its content alone: the name says nothing, except of the files that office programs leave behind."""

from __future__ import annotations

import codecs
import io
import struct
import zipfile
from collections.abc import Iterator

from xl2report.workbook.ole import SIGNATURE, Ole
from xl2report.workbook.package import DAMAGE, Unreadable

ZIP_ENTRY = b"PK\x01\x02"  # begins an entry of a zip's directory
_FIRST, _END = b"PK\x03\x04", b"PK\x05\x06"  # begin the first part of a zip, and the record after its directory
_END_WITHIN = 22 + 0xFFFF  # bytes from the end of the file: the record and its comment
_RETURNS = (b".xlsx", b".xlsm", b".xlsb", b".xls", b".et", b".ods")
_TYPES = b"[Content_Types].xml"
_MEMBERS_LOOKED_INTO = 1_000  # of a zip whose names tell of no workbook
_NAMES_LIMIT = 10_000  # of a zip, looked at for what tells its kind
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_OPEN_KINDS = {b"spreadsheet": "ods", b"text": "word", b"presentation": "slides"}
_STREAMS = {"EncryptedPackage": "encrypted", "Workbook": "xls", "Book": "xls", "WordDocument": "word", "PowerPoint Document": "slides"}
_OLD_BOF = {b"\t\0\4\0": "2", b"\t\2\6\0": "3", b"\t\4\6\0": "4", b"\t\x08\x08\0": "5", b"\t\x08\x10\0": "8"}
_BOFS = (b"\t\x08\x10\0\0\x06\x05\0", b"\t\x08\x08\0\0\x05\x05\0")  # begin a workbook stream of BIFF8, of BIFF5
_FILE_PASS = 0x2F
_FIRST_RECORDS = 16  # the one that tells of encryption is the second or third
_MARKS = (
    (0, b"Rar!\x1a\x07", "archive"), (0, b"7z\xbc\xaf\x27\x1c", "archive"), (0, b"\x1f\x8b", "archive"), (0, b"BZh", "archive"),
    (0, b"\xfd7zXZ\0", "archive"), (0, b"MSCF\0\0\0\0", "archive"), (257, b"ustar", "archive"), (0, b"{\\rtf", "word"),
    (0, b"\x89PNG\r\n", "image"), (0, b"\xff\xd8\xff", "image"), (0, b"GIF8", "image"), (0, b"II*\0", "image"), (0, b"MM\0*", "image"),
    (8, b"WEBP", "image"), (4, b"ftyphe", "image"),
)  # fmt: skip
_HEAD = 4096  # bytes that tell what a text is, or whether a workbook is encrypted
_HTML = ("<!doctype html", "<html", "<head", "<meta", "<body", "<table", "<div", "<style", "<script")


def kind_of(content: bytes) -> str:
    """xlsx (also .xlsm and a damaged zip), xlsb, ods, xls (also .et), encrypted, or bundle: a zip of other files.

    Unreadable if it is none of them: empty, or something else that its detail names.
    """
    if content.startswith(SIGNATURE):
        return _ole_kind(content)
    if not content.startswith(b"PK") and (mark := _marked_kind(content)):
        raise Unreadable("F101", detail=mark)
    directory = zip_directory(content)
    if directory is not None:
        return _zip_kind(content, directory)
    if content.startswith(_FIRST):
        return _cut_zip_kind(content)
    if version := _OLD_BOF.get(content[:4]):
        raise Unreadable("F103", kind=f"Excel {version}.0 (.xls)", detail="too-old")
    raise Unreadable("F101", detail=_unmarked_kind(content))


def is_lock_file(name: str) -> bool:
    """True for the name of a file that Excel, WPS or LibreOffice keeps beside an open workbook, never the workbook."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.startswith(("~$", ".~", "._"))


def zip_directory(content: bytes) -> bytes | None:
    """The directory of a zip, wherever in the file the zip begins; None if there is no whole one."""
    end = content.rfind(_END, max(0, len(content) - _END_WITHIN))
    if end < 0 or len(content) < end + 22:
        return None
    count, size, offset = struct.unpack_from("<HII", content, end + 10)
    if content[max(end - 20, 0) : end - 16] == b"PK\x06\x07" and content[max(end - 76, 0) : end - 72] == b"PK\x06\x06":
        end -= 76  # the figures may be too large for the short record
        count, size, offset = struct.unpack_from("<QQQ", content, end + 32)
    if content.startswith(_FIRST) and offset + size != end:
        return None  # of a whole zip in what is left of a larger one
    directory = content[end - size : end] if size <= end else b""
    return directory if directory.startswith(ZIP_ENTRY) or (count == 0 == size) else None


def _zip_kind(content: bytes, directory: bytes) -> str:
    if _lists(directory, b"xl/workbook.xml") and _lists(directory, _TYPES):
        return "xlsx"
    names = set(_names(directory))
    if _TYPES.lower() in names:  # what it is the package's own relations say, and its reader
        return "xlsb" if b"xl/workbook.bin" in names and b"xl/workbook.xml" not in names else "xlsx"
    if b"mimetype" in names:
        return _open_kind(content)
    if any(name.endswith((*_RETURNS, b".zip")) for name in names) or _holds_a_return(content):
        return "bundle"
    raise Unreadable("F101", detail="zip")


def _holds_a_return(content: bytes) -> bool:
    """True if a member begins as workbooks do, whatever its name. Of a member with a password nothing can be told."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return any(_begins(package, entry).startswith((_FIRST, SIGNATURE)) for entry in package.infolist()[:_MEMBERS_LOOKED_INTO])
    except DAMAGE:
        return False


def _begins(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    try:
        with package.open(entry) as part:
            return part.read(len(SIGNATURE))
    except DAMAGE:
        return b""


def _lists(directory: bytes, name: bytes) -> bool:
    at = directory.find(name)
    return at >= 46 and directory[at - 46 : at - 42] == ZIP_ENTRY


def _names(directory: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_NAMES_LIMIT):
        if directory[at : at + 4] != ZIP_ENTRY or len(directory) < at + 46:
            return
        name, extra, comment = struct.unpack_from("<3H", directory, at + 28)
        yield directory[at + 46 : at + 46 + name].replace(b"\\", b"/").lstrip(b"/").lower()
        at += 46 + name + extra + comment


def _open_kind(content: bytes) -> str:
    """The kind of an OpenDocument file by the type that it names, as a rule in its first part, which is not packed."""
    media_type = content[38:138]
    if not media_type.startswith(_OPEN_DOCUMENT):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package, package.open("mimetype") as part:
                media_type = part.read(100)
        except (*DAMAGE, KeyError, NotImplementedError):
            media_type = b""
    for name, kind in _OPEN_KINDS.items():
        if media_type.startswith(_OPEN_DOCUMENT + name):
            return _judged(kind)
    raise Unreadable("F101", detail="zip")


def _cut_zip_kind(content: bytes) -> str:
    """The kind of a zip without its directory by its first entry, so that its reader can say what is wrong."""
    length = struct.unpack_from("<H", content, 26)[0] if len(content) >= 30 else 0
    name = content[30 : 30 + length].replace(b"\\", b"/").lower()
    if name == b"mimetype":
        return _open_kind(content)
    is_folder = name.endswith(b"/") and not name.startswith((b"xl/", b"_rels/", b"docprops/"))
    return "bundle" if is_folder or name.endswith(_RETURNS) else "xlsx"


def _ole_kind(content: bytes) -> str:
    try:
        ole = Ole(content)
    except (ValueError, struct.error):
        return _judged(_damaged_ole_kind(content))
    kinds = {_STREAMS[name]: name for name in reversed(_STREAMS) if name in ole.streams}
    kind = next((kind for kind in ("encrypted", "xls", "word", "slides") if kind in kinds), "unknown")
    if kind == "xls":
        try:
            return "encrypted" if _has_password(ole.stream(kinds[kind], _HEAD)) else kind
        except (ValueError, struct.error):
            return kind
    return _judged(kind)


def _damaged_ole_kind(content: bytes) -> str:
    """The kind by what is left of the directory, or by how a workbook begins: only its reader can say what is wrong."""
    for name, kind in _STREAMS.items():
        if name.encode("utf-16-le") in content:
            return kind
    return "xls" if any(mark in content for mark in _BOFS) else "unknown"


def _judged(kind: str) -> str:
    if kind in ("encrypted", "xls", "ods"):
        return kind
    raise Unreadable("F101", detail=kind)


def _has_password(stream: bytes) -> bool:
    """True if one of the first records of a workbook says that what follows is encrypted."""
    at = 0
    for _ in range(_FIRST_RECORDS):
        if at + 4 > len(stream):
            break
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _FILE_PASS:
            return True
        at += 4 + length
    return False


def _marked_kind(content: bytes) -> str:
    """The kind of a file that begins with a mark, "" if it has none. Such a file may hold a zip, and is none."""
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"BM") and content[6:10] == b"\0\0\0\0":
        return "image"
    return next((kind for at, mark, kind in _MARKS if content.startswith(mark, at)), "")


def _unmarked_kind(content: bytes) -> str:
    if not content:
        return "empty"
    text = _text(content)
    return _text_kind(text.lstrip("\ufeff \t\r\n").lower()) if text else "unknown"


def _text(content: bytes) -> str:
    """The beginning of a text, "" if the content is none."""
    head, is_whole = content[:_HEAD], len(content) <= _HEAD
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head, is_whole)
        except UnicodeDecodeError:
            continue
        return "" if any(mark < " " and mark not in "\t\r\n\f" for mark in text) else text
    return ""


def _text_kind(text: str) -> str:
    if "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "xml2003"
    if "mime-version:" in text and ("multipart/" in text or "text/html" in text):
        return "mhtml"
    if text.startswith(_HTML) or (text.startswith("<") and "<html" in text):
        return "html"
    if text.startswith(("<", "{", "[")):
        return "unknown"
    lines = [line.replace(", ", "") for line in text.splitlines() if line]  # prose has a space after its commas
    counts = {line.count(",") for line in lines[:3]}
    return "csv" if "\t" in text or (len(counts) == 1 and counts != {0}) else "unknown"
