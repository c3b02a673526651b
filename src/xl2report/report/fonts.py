"""The fonts of a PDF: which of the faces that are asked for this machine has, and where."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
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


class Refused(NamedTuple):
    """A file that bears the name of a wanted font, or lies in the folder of one's own, and cannot serve.

    ``family`` is what it holds in place of the wanted one; None if it is damaged or no font.
    """

    path: Path
    family: str | None


class FontSet(NamedTuple):
    """The fonts of this machine. ``families`` gives by role in which order the typesetter tries them."""

    families: Mapping[Role, tuple[str, ...]]
    served: tuple[Served, ...]
    refused: tuple[Refused, ...]
    typst_fonts: typst.Fonts


class _Found(NamedTuple):
    """Files ``wanted`` by a role, those in the folder of one's ``own``, and those of either kind that are ``damaged``."""

    wanted: tuple[Path, ...]
    own: tuple[Path, ...]
    damaged: tuple[Path, ...]


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

    own = own_folder() if folders is None else None
    found = _found(own, _usual() if folders is None else folders)
    files = tuple(dict.fromkeys(found.wanted + found.own))
    shelved = shelf(files) if files else None
    places = [*([str(shelved.folder)] if shelved else []), str(serif_path().parent)]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=places)
    return _chosen(fonts, shelved.given if shelved else {}, found)


def own_folder() -> Path | None:
    """The folder that the environment variable names, whether or not it is there."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named).absolute() if named else None


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _found(own: Path | None, folders: Iterable[Path]) -> _Found:
    """For each role the best files by their names: of one name the first that is whole, in one's own folder before others."""
    from xl2report.report.fontshelf import ENDINGS, is_whole

    mine = [path for path in _files(own) if path.suffix.lower() in ENDINGS and path.is_file()] if own else []
    damaged = [path for path in mine if not is_whole(path)]
    mine = [path for path in mine if path not in damaged]
    wanted = {file for faces in FACES.values() for face in faces for file in face.files}
    there: dict[str, Path] = {}
    for path in chain(mine, chain.from_iterable(_files(folder.absolute()) for folder in folders)):
        name = path.name.lower()
        if name not in wanted or name in there or path in damaged or not path.is_file():  # no link to nowhere
            continue
        if is_whole(path):
            there[name] = path
        else:
            damaged.append(path)
    best: list[Path] = []
    for faces in FACES.values():
        best += [there[file] for face in faces for file in face.files if file in there][:_TRIED]
    return _Found(tuple(dict.fromkeys(best)), tuple(mine), tuple(damaged))


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
    home: tuple[Path, ...]
    try:
        home = (Path.home(),)
    except RuntimeError:  # an account without a home
        home = ()
    tex = sorted(Path("/usr/local/texlive").glob("*/texmf-dist"), reverse=True)
    if sys.platform == "win32":
        local, windows = os.environ.get("LOCALAPPDATA"), os.environ.get("WINDIR", r"C:\Windows")
        return (*([Path(local, "Microsoft", "Windows", "Fonts")] if local else []), Path(windows, "Fonts"))
    if sys.platform == "darwin":
        fetched = sorted(Path("/System/Library/AssetsV2").glob("com_apple_MobileAsset_Font*"), reverse=True)
        word = Path("/Applications/Microsoft Word.app/Contents/Resources/DFonts")
        system = (Path("/Library/Fonts"), Path("/System/Library/Fonts"), *fetched, word)
        return (*(place / "Library" / "Fonts" for place in home), *system, *map(_fandol, tex))
    given = os.environ.get("XDG_DATA_HOME")
    data = (Path(given),) if given else tuple(place / ".local" / "share" for place in home)
    tex += [Path("/usr/share/texlive/texmf-dist"), Path("/usr/share/texmf-dist")]
    own = (*(place / "fonts" for place in data), *(place / ".fonts" for place in home))
    return (*own, Path("/usr/local/share/fonts"), Path("/usr/share/fonts"), *map(_fandol, tex))


def _fandol(tree: Path) -> Path:
    return tree / "fonts" / "opentype" / "public" / "fandol"


def _chosen(fonts: typst.Fonts, given: Mapping[tuple[int, int], Path], found: _Found) -> FontSet:
    """The set: what a file says of itself decides, not its name. ``given`` tells what file was found for each on the shelf."""
    from xl2report.report.fontshelf import identity

    there: dict[str, tuple[str, Path | None]] = {}
    holds: dict[Path, list[str]] = {path: [] for path in given.values()}
    for font in fonts.fonts():
        place = Path(font.path) if font.path else None
        path = given.get(identity(place), place) if place else None
        there.setdefault(font.family.lower(), (font.family, path))
        if path in holds:
            holds[path].append(font.family)
    further = [family for path in found.own for family in holds.get(path, ())]
    families: dict[Role, tuple[str, ...]] = {}
    served = []
    for role in ROLES:
        fallback = (SANS, SERIF) if role == "heading" else (SERIF, SANS)
        chosen = _first(role, there) or Served(role, *there[fallback[0].lower()], official=False)
        served.append(chosen)
        order = (chosen.family, *fallback, *further)
        # Latin letters that have no face of their own are set in that of the text around them.
        families[role] = tuple(dict.fromkeys(order)) if role != "latin" else () if chosen.family == SERIF else (chosen.family,)
    return FontSet(families, tuple(served), tuple(_refused(found, holds)), fonts)


def _refused(found: _Found, holds: Mapping[Path, list[str]]) -> Iterator[Refused]:
    known = {family.lower() for faces in FACES.values() for face in faces for family in face.families}
    yield from (Refused(path, None) for path in found.damaged)
    for path, families in holds.items():
        if not families:
            yield Refused(path, None)
        elif path in found.wanted and known.isdisjoint(family.lower() for family in families):
            yield Refused(path, families[0])


def _first(role: Role, there: Mapping[str, tuple[str, Path | None]]) -> Served | None:
    for face in FACES[role]:
        for family in face.families:
            if family.lower() in there:
                return Served(role, *there[family.lower()], official=face.official)
    return None
