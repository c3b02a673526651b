"""A workbook with an opening password, opened by msoffcrypto in a child process."""

from __future__ import annotations

from importlib.util import find_spec

from xl2report.workbook.child import run_child
from xl2report.workbook.package import Unreadable

_SILENT_PASSWORD = "VelvetSweatshop"  # Excel encrypts with it when only the structure is locked, and opens such files unasked


def decrypted(content: bytes, password: str | None) -> bytes:
    """The bytes of the workbook inside: .xlsx (agile and standard encryption) or .xls (RC4, XOR).

    Unreadable if no password is given (F102) or a wrong one (F112), if msoffcrypto-tool is not installed (F113), or if
    the file is damaged or its encryption too slow to undo (F103).
    """
    kind = "xlsx" if "EncryptedPackage".encode("utf-16-le") in content else "xls"
    if find_spec("msoffcrypto") is None:
        raise Unreadable("F102" if password is None else "F113")
    try:
        return run_child("decrypt", (_SILENT_PASSWORD if password is None else password).encode(), content, kind)
    except Unreadable as error:
        if password is None:
            raise Unreadable("F102") from error
        raise
