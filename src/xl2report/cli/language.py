"""Which language the user reads: --lang, then XL2REPORT_LANG, then an English locale; anything else is Chinese."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

LANGUAGES = ("zh", "en")


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language of a call, worked out before the commands are built, because their help is in it too."""
    for n, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and n + 1 < len(arguments):
            value = arguments[n + 1]
        if value in LANGUAGES:
            return value
    if (asked := environment.get("XL2REPORT_LANG", "")) in LANGUAGES:
        return asked
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "en" if locale.lower().startswith("en") else "zh"


LANGUAGE = choose(sys.argv[1:], os.environ)


def words(zh: str, en: str) -> str:
    """The one of two twins that the user reads."""
    return en if LANGUAGE == "en" else zh
