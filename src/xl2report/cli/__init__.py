"""The command line: parse, call, print."""

from xl2report.cli.app import main

__all__ = ["main"]
