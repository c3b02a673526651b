"""The fonts of a PDF: which of the faces that are asked for this machine has, and where."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xl2report.report.faces import FACES, ROLES, SANS, SERIF, Role

if TYPE_CHECKING:
    import typst

FOLDER_VARIABLE = "XL2REPORT_FONTS"
_PACKAGES = (("typst", "typst"), ("pylopdf-fonts-zh-cn", "pylopdf_fonts_zh_cn"))  # as installed, as imported
_TRIED = 2  # files for each role: the second serves if the first turns out to be something else
_DEEPEST = 6  # folders below each other


class NoTypesetter(RuntimeError):
    """A PDF cannot be made here; ``missing`` names the packages that are not installed."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"not installed: {', '.join(missing)}")


class Served(NamedTuple):
    """Which family serves a role, from which file, and whether it is a face that the standard means."""

    role: Role
    family: str
    path: Path | None
    official: bool


class FontSet(NamedTuple):
    """The fonts of this machine. ``families`` gives by role in which order the typesetter tries them."""

    families: Mapping[Role, tuple[str, ...]]
    served: tuple[Served, ...]
    typst_fonts: typst.Fonts


@lru_cache(maxsize=4)
def font_set(folders: tuple[Path, ...] | None = None) -> FontSet:
    """The fonts found in some folders, or in those where this system keeps its fonts.

    Folders are walked by the names of their files; only files that may be wanted are opened, since scanning every font
    of a machine takes longer than the whole report. NoTypesetter if a package that is needed is not installed.
    """
    missing = tuple(name for name, module in _PACKAGES if not _is_installed(module))
    if missing:
        raise NoTypesetter(missing)
    import typst
    from pylopdf_fonts_zh_cn import serif_path

    from xl2report.report.fontshelf import shelf

    own = Path(os.environ[FOLDER_VARIABLE]) if folders is None and os.environ.get(FOLDER_VARIABLE) else None
    found = _candidates((*([own] if own else []), *(_usual() if folders is None else folders)))
    places = [*([str(shelf(found))] if found else []), *([str(own)] if own else []), str(serif_path().parent)]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=places)
    return _chosen(fonts, found, own)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _candidates(folders: Iterable[Path]) -> tuple[Path, ...]:
    """For each role the best files, by their names; a file in an earlier folder counts before one of the same name."""
    wanted = {file for faces in FACES.values() for face in faces for file in face.files}
    there: dict[str, Path] = {}
    for folder in folders:
        for path in _files(folder):
            if (name := path.name.lower()) in wanted and path.is_file():  # no link to nowhere
                there.setdefault(name, path)
    found: list[Path] = []
    for faces in FACES.values():
        found += [there[file] for face in faces for file in face.files if file in there][:_TRIED]
    return tuple(dict.fromkeys(found))


def _files(folder: Path) -> Iterator[Path]:
    """The files in a folder and below; a folder that cannot be read holds none."""
    depth = len(folder.parts)
    for place, inner, names in os.walk(folder):
        if len(Path(place).parts) - depth >= _DEEPEST:
            inner.clear()
        inner.sort()
        yield from (Path(place, name) for name in sorted(names))


def _usual() -> tuple[Path, ...]:
    """Where this system keeps fonts: the person's own first."""
    home = Path.home()
    if sys.platform == "win32":
        own, windows = os.environ.get("LOCALAPPDATA"), os.environ.get("WINDIR", r"C:\Windows")
        return (*([Path(own, "Microsoft", "Windows", "Fonts")] if own else []), Path(windows, "Fonts"))
    if sys.platform == "darwin":
        return (home / "Library" / "Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    tex = Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol")
    return (data / "fonts", home / ".fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts"), tex)


def _chosen(fonts: typst.Fonts, found: tuple[Path, ...], own: Path | None) -> FontSet:
    """The set: what a file says of itself decides, not its name."""
    there: dict[str, tuple[str, Path | None]] = {}
    further: list[str] = []
    for font in fonts.fonts():
        path = Path(font.path) if font.path else None
        there.setdefault(font.family.lower(), (font.family, _source(path, found)))
        if own and path and own in path.parents:
            further.append(font.family)
    families: dict[Role, tuple[str, ...]] = {}
    served = []
    for role in ROLES:
        fallback = (SANS, SERIF) if role == "heading" else (SERIF, SANS)
        chosen = _first(role, there) or Served(role, *there[fallback[0].lower()], official=False)
        served.append(chosen)
        order = (chosen.family, *fallback, *further)
        # Latin letters that have no face of their own are set in that of the text around them.
        families[role] = tuple(dict.fromkeys(order)) if role != "latin" else () if chosen.family == SERIF else (chosen.family,)
    return FontSet(families, tuple(served), fonts)


def _first(role: Role, there: Mapping[str, tuple[str, Path | None]]) -> Served | None:
    for face in FACES[role]:
        for family in face.families:
            if family.lower() in there:
                return Served(role, *there[family.lower()], official=face.official)
    return None


def _source(path: Path | None, found: tuple[Path, ...]) -> Path | None:
    """The file that stands on the shelf under a number and its name."""
    if path is None:
        return None
    number, _, name = path.name.partition("-")
    if number.isdigit() and int(number) < len(found) and found[int(number)].name == name:
        return found[int(number)]
    return path
