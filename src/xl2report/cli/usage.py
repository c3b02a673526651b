"""Help and usage errors in the user's language: what click itself says is English only."""

from __future__ import annotations

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


class TwinCommand(click.Command):
    """A command whose help headings are in the user's language."""

    def get_help(self, ctx: click.Context) -> str:
        return translated(super().get_help(ctx))


class TwinGroup(click.Group):
    """A group of such commands."""

    command_class = TwinCommand

    def get_help(self, ctx: click.Context) -> str:
        return translated(super().get_help(ctx))


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
    say(words("用法错误：", "usage: ") + (error.format_message() if LANGUAGE == "en" else _chinese(error)))
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "xl2report"
    say(words(f"用法见：{command} --help", f"see: {command} --help"))


def _chinese(error: click.ClickException) -> str:
    match error:
        case exceptions.NoSuchCommand():
            hint = f"，是不是 {'、'.join(error.possibilities)}" if error.possibilities else ""
            return f"没有命令 {error.command_name}{hint}"
        case exceptions.NoSuchOption():
            hint = f"，是不是 {'、'.join(error.possibilities)}" if error.possibilities else ""
            return f"没有选项 {error.option_name}{hint}"
        case exceptions.MissingParameter():
            name = error.param.make_metavar(error.ctx) if error.param and error.ctx else ""
            return f"缺少参数 {name}"
        case exceptions.BadParameter():
            name = error.param.opts[0] if error.param and error.param.opts else ""
            expected = error.param.type.name if error.param else ""
            kinds = {"integer": "要填整数", "choice": "不在可选值之内"}
            choices = getattr(error.param.type, "choices", ()) if error.param else ()
            listed = f"：{'、'.join(map(str, choices))}" if choices else ""
            return f"{name} 的值不合用：{kinds.get(expected, error.message)}{listed}"
    return error.format_message()
