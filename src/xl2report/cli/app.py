"""The xl2report command. Imports are lazy: no command pays for what it does not use."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from xl2report import __version__
from xl2report.cli.chosen import chosen_form
from xl2report.cli.language import LANGUAGE, LANGUAGES, words
from xl2report.cli.output import reason, say, show, tolerant_streams, write_file
from xl2report.cli.targets import file_name, target_of
from xl2report.cli.usage import TwinGroup, explain_usage

if TYPE_CHECKING:  # pathlib is a fifth of what --version costs
    import datetime
    from pathlib import Path

_LANG_HELP = words("界面语言：zh 或 en。", "Language of messages: zh or en.")


class _PathType(click.ParamType[Any]):
    """A path as the commands want it; whether it exists is theirs to say."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002  # click calls it so
        from pathlib import Path

        return Path(value)


_PATHS = _PathType()
_FORMATS = ("html", "html-fragment", "docx", "pdf", "md", "json")


class _Group(TwinGroup):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our output had enough
        except OSError as error:
            say(words(f"文件写不下去：{reason(error)}", f"cannot write: {reason(error)}"))
            ctx.exit(2)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=words(
        "把 Excel 工作簿变成法定报告：下发带勾稽公式的锁定工作簿，收回后核对，生成可公开的报告。",
        "Turn Excel workbooks into statutory reports: issue a locked workbook with live checks, read it back, "
        "check it, and write the report that is published.",
    ),
)
@click.version_option(__version__, message="%(prog)s %(version)s", help=words("显示版本号。", "Show the version."))
@click.option("--lang", type=click.Choice(LANGUAGES), help=_LANG_HELP, expose_value=False)
def group() -> None:
    pass


def lang_option(command: Any) -> Any:
    """--lang works before and after the command's name; its value was taken before the commands were built."""
    return click.option("--lang", type=click.Choice(LANGUAGES), help=_LANG_HELP, expose_value=False)(command)


def _password_option(command: Any) -> Any:
    return click.option("--password-file", type=_PATHS, metavar="FILE", help=words("打开密码所在的文件（第一行）；不写则在终端询问。", "A file whose first line is the opening password; without it, you are asked at the terminal."))(command)


@group.command(help=words("生成空白的锁定工作簿，供填报。", "Make the blank locked workbook that agencies fill in."))
@click.option("--form", "form_id", metavar="ID", help=words("表单标识；不写则由年度决定。", "Form id; follows from the year if left out."))
@click.option("--year", type=int, metavar="YEAR", help=words("报告年度；不写则上半年为去年，下半年为今年。", "Report year; January to June means last year, later this year."))
@click.option("--agency", metavar="NAME", help=words("预填机关名称。", "Prefill the agency's name."))
@click.option("--code", metavar="CODE", help=words("预填机关代码。", "Prefill the agency's code."))
@click.option("--roster", type=_PATHS, metavar="FILE", help=words("单位名册（.xlsx 或 .csv），每个单位生成一份。", "Roster of units (.xlsx or .csv): one workbook for each."))
@click.option("--previous", type=_PATHS, metavar="PATH", help=words("上一年度的工作簿，或所在的文件夹；预填沿用的内容。", "Last year's workbook, or the folder with them: what rolls over is prefilled."))
@click.option("-o", "--output", type=_PATHS, metavar="PATH", help=words("输出文件或文件夹。", "Output file or folder."))
@lang_option
def template(
    *, form_id: str | None, year: int | None, agency: str | None, code: str | None,
    roster: Path | None, previous: Path | None, output: Path | None,
) -> None:  # fmt: skip
    import xl2report

    form, year = chosen_form(form_id, year)
    if roster is not None:
        from pathlib import Path

        from xl2report.cli.issuing import run

        if agency or code or (output and output.suffix and not output.is_dir()):
            say(words("--roster 时，-o 应当是文件夹，--agency、--code 不用", "with --roster, -o must be a folder, and --agency and --code have no use"))
            raise click.exceptions.Exit(2)
        raise click.exceptions.Exit(run(form, year, roster, previous, output or Path()))
    if output and output.suffix and output.suffix.lower() != ".xlsx" and not output.is_dir():
        say(words(f"-o 的后缀 {output.suffix} 不是 .xlsx", f"the suffix {output.suffix} of -o is not .xlsx"))
        raise click.exceptions.Exit(2)
    last = None
    if previous is not None:
        from xl2report.cli.previous import last_workbook

        if (last := last_workbook(previous, year, agency)) is None:
            raise click.exceptions.Exit(2)
        agency = agency or last.agency
    content = xl2report.template(form, year=year, agency=agency, code=code, previous=last)
    name = "_".join(part for part in (agency, form.name, str(year)) if part) + ".xlsx"
    path = target_of(output, file_name(name), many=False)
    show(str(write_file(path, content, overwrite=False)))


@group.command(help=words("核对填好的工作簿，列出全部问题。", "Check filled workbooks and list every finding."))
@click.argument("files", nargs=-1, required=True, type=_PATHS, metavar="FILE…")
@click.option("--format", "style", type=click.Choice(("text", "json", "csv")), default="text", show_default=True, help=words("输出格式。", "Output format."))
@click.option("--mark", type=_PATHS, metavar="DIR", help=words("在这个文件夹里另存一份标出问题的工作簿，供退回。", "Save a copy of each workbook with its findings marked into this folder, to be sent back."))
@click.option("--blank", type=click.Choice(("zero", "error")), help=words("不是本工具下发的文件里，空白格按 0 还是按漏填；不写则网页按 0，其他按漏填。", "In files that were not issued by this tool: whether blanks are 0 or missing; left out, 0 in pages and missing elsewhere."))
@click.option("--previous", type=_PATHS, metavar="PATH", help=words("上一年度的工作簿，或所在的文件夹；与上年的数字核对。", "Last year's workbook, or the folder with them: figures are compared with last year's."))
@_password_option
@lang_option
def check(
    *, files: tuple[Path, ...], style: str, mark: Path | None, blank: str | None, previous: Path | None, password_file: Path | None
) -> None:
    from xl2report.checked import Terms
    from xl2report.cli.checking import Order, password_from, run

    order = Order(style, mark, Terms(None, password_from(password_file), None if blank is None else blank == "zero"), LANGUAGE)
    if previous is None:
        raise click.exceptions.Exit(run(files, order))
    from xl2report.cli.last_reports import last_reports

    with last_reports(previous, files, order.terms.password) as last:
        code = run(files, order._replace(terms=order.terms._replace(last=last)))
    raise click.exceptions.Exit(code)


@group.command(help=words("生成报告。工作簿有错误时拒绝，除非加 --draft。", "Write the report. A workbook with errors is refused unless --draft is given."))
@click.argument("files", nargs=-1, required=True, type=_PATHS, metavar="FILE…")
@click.option("--to", "formats", metavar="FORMATS", help=words("格式，用逗号分隔；不写则看 -o 的后缀，没有后缀时为 docx：", "Formats, separated by commas; left out, the suffix of -o tells, and without one it is docx: ") + ",".join(_FORMATS))
@click.option("-o", "--output", type=_PATHS, metavar="PATH", help=words("输出文件或文件夹。", "Output file or folder."))
@click.option("--prose", type=_PATHS, metavar="FILE", help=words("从 Word（.docx）或 Markdown（.md）文件取文字部分，按标题对应。", "Take the prose from a Word (.docx) or Markdown (.md) file with the same headings."))
@click.option("--previous", type=_PATHS, metavar="PATH", help=words("上一年度的工作簿，或所在的文件夹；与上年的数字核对，图表中两年并列。", "Last year's workbook, or the folder with them: figures are compared, and the charts show both years."))
@click.option("--charts/--no-charts", default=True, show_default=True, help=words("第三、四部分的表后是否放图表。", "Whether charts follow the tables."))
@click.option("--script", type=click.Choice(("hans", "hant")), default="hans", show_default=True, help=words("简体或繁体；数字不变。", "Simplified or traditional characters; figures stay."))
@click.option("--archive", is_flag=True, help=words("PDF 按存档标准 PDF/A-2a 生成。", "Make the PDF to the archival standard PDF/A-2a."))
@click.option("--draft", is_flag=True, help=words("有错误也生成，每页印“草稿”，文末列出问题。", "Write it in spite of errors, marked as a draft, with the findings at the end."))
@_password_option
@lang_option
def render(
    *, files: tuple[Path, ...], formats: str | None, output: Path | None, prose: Path | None, previous: Path | None,
    charts: bool, script: str, archive: bool, draft: bool, password_file: Path | None,
) -> None:  # fmt: skip
    from xl2report.checked import Terms
    from xl2report.cli.checking import password_from
    from xl2report.cli.formats import asked_formats
    from xl2report.cli.rendering import Order, run

    asked = asked_formats(formats, output)
    if archive and "pdf" not in asked:
        say(words("--archive 只用于 PDF：请加 --to pdf", "--archive is for PDF: add --to pdf"))
        raise click.exceptions.Exit(2)
    order = Order(asked, output, Terms(prose, password_from(password_file)), previous, draft, charts, script, archive)
    raise click.exceptions.Exit(run(files, order))


@group.command(help=words(
        "把旧格式、受损、旧版或不是本工具下发的工作簿，转成一份新的锁定工作簿，并列出变动；给下一年度的，只转入沿用的内容。",
        "Bring an old-format, damaged, outdated or foreign workbook into a fresh locked one, with a list of what changed; "
        "for a later year, only what rolls over.",
    ))
@click.argument("source", type=_PATHS, metavar="SOURCE")
@click.option("-o", "--output", type=_PATHS, required=True, metavar="FRESH.xlsx", help=words("新工作簿；已有的文件不会被覆盖。", "The fresh workbook; an existing file is not overwritten."))
@click.option("--form", "form_id", metavar="ID", help=words("转到哪个表单；不写则与原工作簿相同，或由年度决定。", "The form to bring it into; without it the source's own, or the one of its year."))
@click.option("--year", type=int, metavar="YEAR", help=words("新工作簿的年度；比原工作簿晚一年的，转入上年结转等沿用内容。", "Year of the fresh workbook; one year later than the source: what rolls over is filled in."))
@_password_option
@lang_option
def transfer(source: Path, output: Path, form_id: str | None, year: int | None, password_file: Path | None) -> None:
    from xl2report.checked import Terms
    from xl2report.cli.checking import password_from
    from xl2report.cli.transferring import run

    if output.suffix.lower() != ".xlsx":
        say(words(f"-o 的后缀 {output.suffix or '（无）'} 不是 .xlsx", f"the suffix {output.suffix or '(none)'} of -o is not .xlsx"))
        raise click.exceptions.Exit(2)
    raise click.exceptions.Exit(run(source, output, form_id, year, Terms(password=password_from(password_file))))


@group.command(help=words(
        "按名册收齐一批报表：台账、退回函、汇总表和本级的工作簿。",
        "Take in the returns of a roster: a ledger, letters, sums, and the office's own workbook.",
    ))
@click.argument("inbox", type=_PATHS, metavar="INBOX")
@click.option("--roster", type=_PATHS, required=True, metavar="FILE", help=words("单位名册（.xlsx 或 .csv）。", "Roster of units (.xlsx or .csv)."))
@click.option("-o", "--output", type=_PATHS, required=True, metavar="DIR", help=words("输出文件夹。", "Output folder."))
@click.option("--form", "form_id", metavar="ID", help=words("表单标识；不写则由年度决定。", "Form id; follows from the year if left out."))
@click.option("--year", type=int, metavar="YEAR", help=words("报告年度；不写则上半年为去年，下半年为今年。", "Report year; January to June means last year, later this year."))
@click.option("--agency", default="", metavar="NAME", help=words("汇总单位名称，写进本级的工作簿。", "The office's own name, for its own workbook."))
@click.option("--deadline", type=click.DateTime(("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")), metavar="YYYY-MM-DD", help=words("截止日期；不写则由机关类别决定。", "Last day; follows from the category of a unit if left out."))
@click.option("--waivers", type=_PATHS, metavar="FILE", help=words("放行名单（.xlsx 或 .csv）：代码、规则、原因、批准人。", "Waivers (.xlsx or .csv): 代码, 规则, 原因, 批准人."))
@click.option("--previous", type=_PATHS, metavar="PATH", help=words("上一年度收齐的工作簿所在的文件夹；各单位与上年的数字核对。", "The folder with last year's returns: every unit's figures are compared with last year's."))
@click.option("--jobs", type=click.IntRange(1), metavar="N", help=words("用几个进程读取；不写则每个处理器核一个。", "How many processes read; one for each core if left out."))
@click.option("--executor", metavar="dask://HOST:PORT", help=words("由这个 Dask 集群读取；各机要以相同的路径看到收件文件夹。", "Let this Dask cluster read; its machines must see the inbox under the same path."))
@lang_option
def collect(
    *, inbox: Path, roster: Path, output: Path, form_id: str | None, year: int | None, agency: str,
    deadline: datetime.datetime | None, waivers: Path | None, previous: Path | None, jobs: int | None, executor: str | None,
) -> None:  # fmt: skip
    from xl2report.cli.collecting import Order, run

    if jobs is not None and executor is not None:
        say(words("--jobs 与 --executor 只能用一个", "give either --jobs or --executor"))
        raise click.exceptions.Exit(2)
    form, year = chosen_form(form_id, year)
    order = Order(roster, output, agency, deadline.date() if deadline else None, waivers, previous, jobs, executor)
    raise click.exceptions.Exit(run(form, year, inbox, order))


@group.command(help=words(
        "逐项比较两个工作簿：本年与上年，或同一份的两个版本。",
        "Compare two workbooks figure by figure: this year's and last year's, or two versions of one.",
    ))
@click.argument("this", type=_PATHS, metavar="THIS")
@click.argument("last", type=_PATHS, metavar="LAST")
@click.option("--to", type=click.Choice(("text", "html", "xlsx")), default="text", show_default=True, help=words("格式；text 直接显示。", "Format; text is printed."))
@click.option("-o", "--output", type=_PATHS, metavar="PATH", help=words("输出文件。", "Output file."))
@lang_option
def compare(this: Path, last: Path, to: str, output: Path | None) -> None:
    from xl2report.cli.comparing import run

    if output and to == "text":
        say(words("-o 只用于 --to html 或 xlsx", "-o is for --to html or xlsx"))
        raise click.exceptions.Exit(2)
    if output and output.suffix.lower() != f".{to}":
        say(words(f"-o 的后缀 {output.suffix or '（无）'} 与格式 {to} 不符", f"the suffix {output.suffix or '(none)'} of -o does not fit the format {to}"))
        raise click.exceptions.Exit(2)
    raise click.exceptions.Exit(run(this, last, to, output))


@group.command(help=words(
        "列出表单的全部规则：标识、内容、Excel 公式。不写表单时，用本年度适用的。",
        "List every rule of a form: id, words, Excel formula. Without FORM, of the form for the current report year.",
    ))
@click.argument("form_id", required=False, metavar="[FORM]")
@lang_option
def rules(form_id: str | None) -> None:
    from xl2report.workbook.ruletable import rule_text

    show(rule_text(chosen_form(form_id, None)[0], LANGUAGE))


@group.command(help=words("解释一个发现代码：是什么意思，怎么办。不写代码时列出全部。", "Explain a finding code: what it means, what to do. Without CODE, list them all."))
@click.argument("code", required=False, metavar="[CODE]")
@lang_option
def explain(code: str | None) -> None:
    from xl2report.printed import explained

    text = explained(code.upper() if code else None, LANGUAGE)
    if text is None:
        say(words(f"没有代码 {code}。列出全部：xl2report explain", f"no such code: {code}. To list them: xl2report explain"))
        raise click.exceptions.Exit(2)
    show(text)


@group.command(help=words("列出 PDF 各处用什么字体、在哪个文件、还应安装什么。", "List which font serves which part of a PDF, from which file, and what to install."))
@lang_option
def fonts() -> None:
    from xl2report.cli.fonts import run

    raise click.exceptions.Exit(run())


@group.command(help=words("用示例走一遍全程：空白工作簿、填报、核对、报告。", "Run the whole job on the sample: blank workbook, filled workbook, check, report."))
@click.option("-o", "--output", type=_PATHS, default="out", show_default=True, metavar="DIR", help=words("输出文件夹。", "Output folder."))
@lang_option
def demo(output: Path) -> None:
    from xl2report.cli.demo import run

    raise click.exceptions.Exit(run(output))


def main() -> None:
    """The console script."""
    tolerant_streams()
    try:
        code = group(prog_name="xl2report", standalone_mode=False)
    except click.ClickException as error:
        explain_usage(error)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that closing stdout does not fail again
        sys.exit(0)
    except Exception as error:
        import traceback

        from xl2report.form.faults import FormError

        if isinstance(error, FormError):
            for fault in error.faults:
                say(fault.message(LANGUAGE))
            sys.exit(2)

        traceback.print_exc()
        say(words("程序出了内部错误，请把以上内容报告给维护者。", "An internal error: please report the lines above."))
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
