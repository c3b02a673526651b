"""Edits done in LibreOffice as a person would do them; run by a Python that has ``uno``, not by the tests' own.

Started with a folder for profiles. One job a line comes in as JSON (source, steps, targets), one answer a line goes out:
``{}`` or ``{"error": …}``; after the last job LibreOffice is ended. A step is a list: a method of Document and its arguments; rows and cells are named as the sheet
shows them. Each target is saved from the one before, which is closed and opened again: a list of several is a file that
went through several formats.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.sheet.CellDeleteMode import LEFT, UP
from com.sun.star.sheet.CellInsertMode import DOWN, RIGHT
from com.sun.star.sheet.FillDateMode import FILL_DATE_DAY
from com.sun.star.sheet.FillDirection import TO_BOTTOM
from com.sun.star.sheet.FillMode import SIMPLE
from com.sun.star.table import TableSortField

FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "xls": "MS Excel 97", "ods": "calc8"}
CONTENTS = 1 | 2 | 4 | 16  # numbers, dates, texts, formulas
START_SECONDS = JOB_SECONDS = 60


class Office:
    """One running LibreOffice that listens on a pipe; a new one is started when it has died."""

    def __init__(self, folder):
        self.folder, self.starts, self.process, self.context = Path(folder), 0, None, None

    def desktop(self):
        if self.process is None:
            self._start()
        return self.context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self.context)

    def _start(self):
        self.starts += 1
        profile = self.folder / str(self.starts)  # a fresh one: a half-dead office would answer for its own
        pipe = f"x2r{os.getpid()}n{self.starts}"
        command = ["soffice", "--headless", "--norestore", "--nologo", "--nodefault", f"-env:UserInstallation={profile.as_uri()}"]
        self.process = subprocess.Popen(
            [*command, f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                return self._answer_yes()
            except NoConnectException:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def _answer_yes(self):
        """Nobody is there to be asked whether filled cells may be pasted over: without this, pasting does nothing."""
        provider = self.context.ServiceManager.createInstanceWithContext("com.sun.star.configuration.ConfigurationProvider", self.context)
        path = properties(nodepath="/org.openoffice.Office.Calc/Input")
        access = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationUpdateAccess", path)
        access.ReplaceCellsWarning = False
        access.commitChanges()

    def is_dead(self):
        """A dead office is known by many faults, and by the end of its process a moment later."""
        try:
            return self.process is None or self.process.wait(timeout=1) is not None
        except subprocess.TimeoutExpired:
            return False

    def kill(self):
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)  # soffice is a script that starts the program
            self.process.wait()
            self.process = None


class Document:
    """An open workbook, with the edits that a job may ask for as its methods."""

    def __init__(self, office, path):
        self.office = office
        self.doc = office.desktop().loadComponentFromURL(Path(path).as_uri(), "_blank", 0, properties(Hidden=True))
        if self.doc is None:
            raise ValueError(f"cannot be opened: {path}")
        self.frame = self.doc.CurrentController.Frame

    def save(self, path):
        self.doc.storeToURL(Path(path).as_uri(), properties(FilterName=FILTERS[Path(path).suffix[1:]]))

    def close(self):
        self.doc.close(True)

    def sheet(self, name):
        return self.doc.Sheets.getByName(name)

    def range(self, sheet, area):
        return self.sheet(sheet).getCellRangeByName(area)

    # -- whole sheets

    def unprotect(self):
        for sheet in self.doc.Sheets:
            if sheet.isProtected():
                sheet.unprotect("")

    def rename(self, sheet, name):
        self.sheet(sheet).Name = name

    def move(self, sheet, position):
        self.doc.Sheets.moveByName(sheet, position)

    def copy_sheet(self, sheet, name, position):
        self.doc.Sheets.copyByName(sheet, name, position)

    def delete_sheet(self, sheet):
        self.doc.Sheets.removeByName(sheet)

    def import_sheet(self, path, sheet, position):
        """A sheet of another workbook, brought in as a copy."""
        other = self.office.desktop().loadComponentFromURL(Path(path).as_uri(), "_blank", 0, properties(Hidden=True))
        try:
            self.doc.Sheets.importSheet(other, sheet, position)
        finally:
            other.close(True)
        self.doc.setModified(True)  # which importing a sheet or drawing does not do by itself

    def add_sheet(self, name, position):
        self.doc.Sheets.insertNewByName(name, position)

    def show_sheet(self, sheet, shown):
        self.sheet(sheet).IsVisible = shown

    # -- rows, columns, cells that move others

    def insert_rows(self, sheet, row, count=1):
        self.sheet(sheet).Rows.insertByIndex(row - 1, count)

    def delete_rows(self, sheet, row, count=1):
        self.sheet(sheet).Rows.removeByIndex(row - 1, count)

    def insert_columns(self, sheet, column, count=1):
        self.sheet(sheet).Columns.insertByIndex(self.column(sheet, column), count)

    def delete_columns(self, sheet, column, count=1):
        self.sheet(sheet).Columns.removeByIndex(self.column(sheet, column), count)

    def column(self, sheet, name):
        return self.range(sheet, f"{name}1").RangeAddress.StartColumn

    def insert_cells(self, sheet, area, right=False):
        self.sheet(sheet).insertCells(self.range(sheet, area).RangeAddress, RIGHT if right else DOWN)

    def delete_cells(self, sheet, area, left=False):
        self.sheet(sheet).removeRange(self.range(sheet, area).RangeAddress, LEFT if left else UP)

    def show_rows(self, sheet, row, count, shown):
        for line in range(row - 1, row - 1 + count):
            self.sheet(sheet).Rows.getByIndex(line).IsVisible = shown

    def show_columns(self, sheet, column, count, shown):
        first = self.column(sheet, column)
        for line in range(first, first + count):
            self.sheet(sheet).Columns.getByIndex(line).IsVisible = shown

    # -- what stands in cells

    def type(self, sheet, cell, value):
        """As typed: a number, or a text that stays a text."""
        at = self.range(sheet, cell)
        if isinstance(value, str):
            at.String = value
        else:
            at.Value = value

    def enter(self, sheet, cell, text):
        """As the program itself takes what is entered: a formula, a date, a percentage."""
        self.range(sheet, cell).FormulaLocal = text

    def embolden(self, sheet, cell, first, last):
        """Part of a text in bold."""
        cursor = self.range(sheet, cell).createTextCursor()
        cursor.gotoStart(False)
        cursor.goRight(first, False)
        cursor.goRight(last - first, True)
        cursor.CharWeight = 150.0

    def link(self, sheet, cell, address):
        """A web address as a link, as it becomes when it is typed."""
        at = self.range(sheet, cell)
        at.String = ""
        field = self.doc.createInstance("com.sun.star.text.TextField.URL")
        field.URL, field.Representation = address, address
        at.insertTextContent(at.createTextCursor(), field, False)

    def comment(self, sheet, cell, text):
        self.sheet(sheet).Annotations.insertNew(self.range(sheet, cell).CellAddress, text)

    def clear(self, sheet, area):
        self.range(sheet, area).clearContents(CONTENTS)

    def replace(self, sheet, area, old, new):
        descriptor = self.range(sheet, area).createReplaceDescriptor()
        descriptor.SearchString, descriptor.ReplaceString = old, new
        self.range(sheet, area).replaceAll(descriptor)

    def fill_down(self, sheet, area):
        self.range(sheet, area).fillSeries(TO_BOTTOM, SIMPLE, FILL_DATE_DAY, 0, 0)

    def merge(self, sheet, area, merged=True):
        self.range(sheet, area).merge(merged)

    def sort(self, sheet, area, column, ascending=True):
        """Rows of an area by its column of that number, the first being 0."""
        field = TableSortField()
        field.Field, field.IsAscending = column, ascending
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        self.range(sheet, area).sort(properties(SortFields=fields, ContainsHeader=False, IsSortColumns=False))

    # -- moving and pasting

    def drag(self, sheet, area, cell, target_sheet=None):
        """Cut and paste, or drag with the mouse."""
        target = self.range(target_sheet or sheet, cell)
        self.sheet(sheet).moveRange(target.CellAddress, self.range(sheet, area).RangeAddress)

    def duplicate(self, sheet, area, cell, target_sheet=None):
        target = self.range(target_sheet or sheet, cell)
        self.sheet(sheet).copyRange(target.CellAddress, self.range(sheet, area).RangeAddress)

    def cut(self, sheet, area, cell, target_sheet=None):
        """Ctrl+X and Ctrl+V, as a locked sheet lets anybody do with its inputs."""
        self.select(sheet, area)
        self.command("Cut")
        self.doc.setModified(False)  # a cut alone would be a change
        self.select(target_sheet or sheet, cell)
        self.command("Paste")

    def paste(self, sheet, area, cell, target_sheet=None, **options):
        """Copy and paste special by the clipboard: ``Transpose``, ``Flags`` (S text, V numbers, F formulas, T formats)."""
        self.select(sheet, area)
        self.command("Copy")
        self.select(target_sheet or sheet, cell)
        if options:
            given = {"Flags": "A", "FormulaCommand": 0, "SkipEmptyCells": False, "Transpose": False, "AsLink": False, "MoveMode": 4}
            self.command("InsertContents", **{**given, **options})
        else:
            self.command("Paste")

    def select(self, sheet, area):
        self.doc.CurrentController.setActiveSheet(self.sheet(sheet))
        self.doc.CurrentController.select(self.range(sheet, area))

    def command(self, name, **arguments):
        """A command of the menus, on what is selected."""
        context = self.office.context
        dispatcher = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
        dispatcher.executeDispatch(self.frame, f".uno:{name}", "", 0, properties(**arguments))

    # -- looks, names, windows

    def look(self, sheet, area, **values):
        for name, value in values.items():
            setattr(self.range(sheet, area), name, value)

    def number_format(self, sheet, area, code):
        formats, language = self.doc.NumberFormats, uno.createUnoStruct("com.sun.star.lang.Locale")
        key = formats.queryKey(code, language, False)
        self.range(sheet, area).NumberFormat = key if key >= 0 else formats.addNew(code, language)

    def sizes(self, sheet, width, height):
        used = self.range(sheet, "A1:K40")
        used.Columns.Width = width
        used.Rows.Height = height

    def freeze(self, sheet, columns, rows):
        self.doc.CurrentController.setActiveSheet(self.sheet(sheet))
        self.doc.CurrentController.freezeAtPosition(columns, rows)

    def delete_names(self, start=""):
        for name in self.doc.NamedRanges.ElementNames:
            if name.startswith(start):
                self.doc.NamedRanges.removeByName(name)


class Refused(Exception):
    """A step that LibreOffice did not take, as it does in silence: over merged cells, or where a sheet is protected."""


def properties(**values):
    found = []
    for name, value in values.items():
        one = PropertyValue()
        one.Name, one.Value = name, value
        found.append(one)
    return tuple(found)


def run(office, source, steps, targets):
    document = Document(office, source)
    try:
        for verb, *arguments in steps:
            named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            document.doc.setModified(False)
            getattr(document, verb)(*arguments, **named)
            if not document.doc.isModified():
                raise Refused(f"{verb} {arguments} changed nothing")
        for n, target in enumerate(targets):
            if n:
                document.close()
                document = Document(office, targets[n - 1])
            document.save(target)
    finally:
        document.close()


def answer(office, job):
    clock = threading.Timer(JOB_SECONDS, office.kill)
    clock.start()
    try:
        run(office, **job)
    except Exception as error:  # whatever it was, the test that asked for it is told
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        clock.cancel()
    return {}


def main():
    office = Office(sys.argv[1])
    try:
        for line in sys.stdin:
            job = json.loads(line)
            given = answer(office, job)
            if given and office.is_dead():  # once more with a new one
                office.kill()
                given = answer(office, job)
            print(json.dumps(given), flush=True)
    finally:
        office.kill()


if __name__ == "__main__":
    main()
