"""Help and usage errors in the user's language: what click itself says is English only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click
from click import exceptions

from xl2report.cli.language import LANGUAGE, words
from xl2report.cli.output import say

_HELP = (
    ("Usage:", "用法："),
    ("Options:", "选项："),
    ("Commands:", "命令："),
    ("Show this message and exit.", "显示本帮助。"),
    ("[default:", "[默认："),
)
_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)\Z", re.DOTALL)  # click has no other sign of it


class TwinCommand(click.Command):
    """A command whose help headings are in the user's language."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return _within(ctx, super().parse_args, args)

    def get_help(self, ctx: click.Context) -> str:
        return translated(super().get_help(ctx))


class TwinGroup(click.Group):
    """A group of such commands."""

    command_class = TwinCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return _within(ctx, super().parse_args, args)

    def get_help(self, ctx: click.Context) -> str:
        return translated(super().get_help(ctx))


def _within(ctx: click.Context, parse: Callable[[click.Context, list[str]], list[str]], args: list[str]) -> list[str]:
    """The arguments parsed; a usage error says which command it is about, which click leaves out of some."""
    try:
        return parse(ctx, args)
    except click.UsageError as error:
        error.ctx = error.ctx or ctx
        raise


def translated(text: str) -> str:
    if LANGUAGE == "en":
        return text
    for english, chinese in _HELP:
        text = text.replace(english, chinese)
    return text


def explain_usage(error: click.ClickException) -> None:
    """One sentence on stderr about a call that does not fit, and where help is; bare calls get the help itself."""
    if isinstance(error, exceptions.NoArgsIsHelpError):
        say(error.format_message())
        return
    say(words("用法错误：", "usage: ") + (_english(error) if LANGUAGE == "en" else _chinese(error)))
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "xl2report"
    say(words(f"用法见：{command} --help", f"see: {command} --help"))


def _english(error: click.ClickException) -> str:
    if isinstance(error, exceptions.BadParameter) and error.param and isinstance(error.param.type, click.DateTime):
        return f"{error.param.opts[0]} must be a day, written like 2024-01-31"  # what click says is a list of patterns
    return error.format_message()


def _chinese(error: click.ClickException) -> str:
    match error:
        case exceptions.NoSuchCommand():
            return f"没有命令 {error.command_name}{_perhaps(error.possibilities)}"
        case exceptions.NoSuchOption():
            return f"没有选项 {error.option_name}{_perhaps(error.possibilities)}"
        case exceptions.BadOptionUsage():
            option = _option(error)
            return f"{error.option_name} 后面不写值" if option and option.is_flag else f"{error.option_name} 后面要写一个值"
        case exceptions.MissingParameter(param=click.Option() as option, ctx=click.Context() as context):
            return f"缺少选项 {option.opts[0]} {option.make_metavar(context)}"
        case exceptions.MissingParameter(param=click.Parameter() as argument, ctx=click.Context() as context):
            return f"缺少参数 {argument.make_metavar(context)}"
        case exceptions.BadParameter(param=click.Parameter() as parameter):
            return f"{parameter.opts[0]} 的值不合用：{_wanted(parameter.type) or error.message}"
    if extra := _EXTRA.match(error.message):
        return f"多了参数 {extra.group(1)}"
    return "缺少命令" if error.message == "Missing command." else error.format_message()


def _perhaps(possibilities: Sequence[str] | None) -> str:
    return f"，是不是 {'、'.join(possibilities)}" if possibilities else ""


def _option(error: exceptions.BadOptionUsage) -> click.Option | None:
    """The option that was not used as it should be."""
    known = error.ctx.command.get_params(error.ctx) if error.ctx else ()
    return next((one for one in known if isinstance(one, click.Option) and error.option_name in (*one.opts, *one.secondary_opts)), None)


def _wanted(kind: click.ParamType[Any]) -> str:
    """What a value has to be; "" for a kind that says so itself."""
    match kind:
        case click.Choice():
            return f"只能是 {'、'.join(map(str, kind.choices))}"
        case click.IntRange(min=int(least), max=None):
            return f"要填不小于 {least} 的整数"
        case click.DateTime():
            return "看不出是哪一天，请写成 2024-01-31 的样子"
    return "要填整数" if kind.name.startswith("integer") else ""
