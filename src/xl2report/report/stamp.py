"""The date that a file bears inside: never the clock's, so that the same report gives the same file."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from xl2report.report.view import Report

_NONE = datetime(1980, 1, 1, tzinfo=UTC)


def stamp(report: Report) -> datetime:
    """SOURCE_DATE_EPOCH if it is set; else the day the report is signed; else 1 January 1980."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdigit() and len(epoch) < 12:
        return datetime.fromtimestamp(int(epoch), UTC)
    try:
        return max(datetime.fromisoformat(report.date).replace(tzinfo=UTC), _NONE) if report.date else _NONE
    except ValueError:  # a draft may be signed on a day that is none
        return _NONE
