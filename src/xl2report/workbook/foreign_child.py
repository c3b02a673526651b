"""The child process: one old-format workbook read, or one encrypted workbook opened; from standard input to standard output.

Run as a file, by child.py. calamine gives the values; what it does not give (see outline.py) is read from the file beside
it. It gives neither formulas nor names. Errors come from it as empty cells, in .xlsb dates as numbers.
The answer is "ok", or a code and its detail, then records of fields: no text in it holds a control character.
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from xl2report.workbook.outline import Count, Outline

OUT_OF_MEMORY = 77  # the exit status that says so
RECORD, FIELD = "\x1e", "\x1f"
NO_CONTROLS = dict.fromkeys((*(code for code in range(32) if code not in (9, 10, 13)), 0xFFFE, 0xFFFF))


def main() -> None:
    job, seconds, memory, *places = sys.argv[1:]
    _limit(int(seconds), int(memory))
    sys.path.extend(places)
    # the package without its __init__: that imports what would double the time to start
    package = type(sys)("xl2report")
    package.__path__ = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    sys.modules["xl2report"] = package
    try:
        sys.stdout.buffer.write(_answer(job, sys.stdin.buffer))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # at once: without memory a traceback can take for ever


def _answer(job: str, source: BinaryIO) -> bytes:
    from xl2report.workbook.outline import Refused

    head = source.read(int.from_bytes(source.read(4), "little")).decode()
    content = source.read()
    try:
        return b"ok\x1e" + (_opened(content, head) if job == "decrypt" else _book(job, content, head))
    except Refused as refused:
        return f"{refused.code}{FIELD}{refused.detail}{RECORD}".encode()
    except (ImportError, MemoryError, KeyboardInterrupt):
        raise
    except BaseException:  # hostile bytes make libraries raise anything; a panic of Rust is no Exception
        return f"F103{FIELD}broken-file{RECORD}".encode()


def _limit(seconds: int, memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for which, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(which)[1]
        try:
            resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        except (OSError, ValueError):  # some systems know the limit, and refuse it
            continue


def _book(kind: str, content: bytes, head: str) -> bytes:
    """The sheets as records: of each sheet whether it was read, and its name; its cells; its merged areas; at last how
    many control characters were left out. ``head`` says how much there may be, and which sheets need not be read."""
    from python_calamine import SheetTypeEnum, load_workbook

    from xl2report.workbook.foreign_cells import cells
    from xl2report.workbook.outline import Count, Refused

    cells_limit, text_limit, *skip = head.split(FIELD)
    count = Count(int(cells_limit), int(text_limit))
    found = _outlines(kind, content, count)
    workbook = load_workbook(io.BytesIO(content))
    names = workbook.sheet_names
    if len(names) != len(found) or len(set(names)) != len(names):  # calamine finds sheets by their names
        raise Refused("F103", "broken-file")
    records: list[str] = []
    removed = 0
    for name, sheet, outline in zip(names, workbook.sheets_metadata, found, strict=True):
        is_read = sheet.typ == SheetTypeEnum.WorkSheet and name not in skip
        records.append(f"sheet{FIELD}{int(is_read)}{FIELD}{name.translate(NO_CONTROLS)}")
        if not is_read:
            continue
        read = workbook.get_sheet_by_name(name)
        for row, column, cell_kind, text in cells(read.to_python(), read.start or (0, 0), outline):
            plain = text if text.isprintable() else text.translate(NO_CONTROLS)
            removed += len(text) - len(plain)
            if (row, column) not in outline.texts:
                count.characters(len(plain))
            records.append(f"cell{FIELD}{row}{FIELD}{column}{FIELD}{cell_kind}{FIELD}{plain}")
        records += (FIELD.join(("merge", *map(str, area))) for area in outline.merges)
    return RECORD.join((*records, f"removed{FIELD}{removed}")).encode()


def _outlines(kind: str, content: bytes, count: Count) -> list[Outline]:
    if kind == "xls":
        from xl2report.workbook.xls_outline import sheets
    elif kind == "ods":
        from xl2report.workbook.ods_outline import sheets
    else:
        from xl2report.workbook.xlsb_outline import sheets
    return sheets(content, count)


def _opened(content: bytes, password: str) -> bytes:
    """The bytes of a workbook without its encryption."""
    from xl2report.workbook.outline import Refused

    try:
        from msoffcrypto import OfficeFile
        from msoffcrypto.exceptions import InvalidKeyError
        from msoffcrypto.format.ooxml import OOXMLFile
    except ImportError:
        raise Refused("F113") from None
    if not password:
        raise Refused("F112")
    file, opened = OfficeFile(io.BytesIO(content)), io.BytesIO()
    checked = {"verify_password": True} if isinstance(file, OOXMLFile) else {}  # the others always do
    try:
        file.load_key(password=password, **checked)
    except InvalidKeyError:
        raise Refused("F112") from None
    file.decrypt(opened)
    return opened.getvalue()


if __name__ == "__main__":
    main()
