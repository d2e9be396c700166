"""The command line as fleetctl reads it: Go's flags, then words; and the help that it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tufkeep.cli.compat.go import GoError, quoted
from tufkeep.cli.compat.program import UsageOnly

WHAT_THIS_IS: Final = (
    "this is tufkeep, called as fleetctl: it knows `fleetctl updates` and no other command of fleetctl"
)
_HELP: Final = {"help": "help", "h": "help"}
_TOP: Final = {**_HELP, "version": "version", "v": "version"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One flag, which takes a value."""

    name: str
    about: str
    short: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one command takes."""

    about: str
    flags: tuple[Flag, ...]
    argument: str = ""  # the word after the flags, if it takes one


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesCommandLine:
    """One command line, read."""

    command: str = ""
    values: Mapping[str, list[str]] = field(default_factory=dict)  # by flag, as often as it was given
    words: tuple[str, ...] = ()  # after the flags
    switch: str = ""  # help or version

    def text(self, flag: Flag) -> str:
        """Return the value of a flag; of several, the last one."""
        return self.values.get(flag.name, [""])[-1]

    def texts(self, flag: Flag) -> list[str]:
        """Return all values of a flag; one with commas is several."""
        return [part.strip() for value in self.values.get(flag.name, []) for part in value.split(",")]


PATH: Final = Flag(name="path", about='The working directory (default: ".")')
TARGET: Final = Flag(name="target", about="The file (required)", required=True)
NAME: Final = Flag(name="name", about="The component, such as osqueryd or extensions/hello (required)", required=True)
PLATFORM: Final = Flag(name="platform", about="Such as linux, macos or windows-arm64 (required)", required=True)
VERSION: Final = Flag(name="version", about="The version of the file (required)", required=True)
TAG: Final = Flag(name="tag", short="t", about="A further tag, such as a channel; may be given several times")

COMMANDS: Final[Mapping[str, Usage]] = {
    "init": Usage(about="Create an update repository", flags=(PATH,)),
    "roots": Usage(about="Print the root metadata that packages trust", flags=(PATH,)),
    "add": Usage(
        about="Publish a file under its version and every tag", flags=(PATH, TARGET, NAME, PLATFORM, VERSION, TAG)
    ),
    "timestamp": Usage(about="Make and publish a new timestamp", flags=(PATH,)),
    "rotate": Usage(about="Replace the key of a role", flags=(PATH,), argument=" <role>"),
}


def read(arguments: Sequence[str]) -> UpdatesCommandLine:
    """Read a command line.

    Raises:
        UsageOnly: help or the version was asked for.
        GoError: there is no such command, or it takes other flags or words.
    """
    from tufkeep import __version__

    line = _parse((), arguments, switches=_TOP)
    if "version" in (line.switch, *line.words[:1]):
        raise UsageOnly(f"fleetctl - version {__version__} (tufkeep)\n", code=0)
    helping, words = _helping(line)
    if not words:
        raise UsageOnly(_program_help(), code=0)
    if words[0] != "updates":
        raise GoError(WHAT_THIS_IS, hint="run Fleet's own fleetctl for the others")
    if helping:
        raise UsageOnly(_updates_help(), code=0)
    return _read_updates(words[1:])


def _read_updates(arguments: Sequence[str]) -> UpdatesCommandLine:
    helping, words = _helping(_parse((), arguments))
    if not words:
        raise UsageOnly(_updates_help(), code=0)
    command = words[0]
    if command not in COMMANDS:
        raise GoError(f"No help topic for '{command}'", hint=f"fleetctl updates knows {', '.join(COMMANDS)}")
    usage = COMMANDS[command]
    line = _parse(usage.flags, words[1:], command=command)
    if helping or line.switch:
        raise UsageOnly(_command_help(command, usage), code=0)
    missing = [flag.name for flag in usage.flags if flag.required and flag.name not in line.values]
    if missing:
        raise _misused(command, f'Required flag{"s" if len(missing) > 1 else ""} "{", ".join(missing)}" not set')
    if line.words[:1] and line.words[0] in _HELP:
        raise UsageOnly(_command_help(command, usage), code=0)
    if line.words and not usage.argument:
        raise GoError(
            f"unexpected word {quoted(line.words[0])}",
            hint="leave it out; Fleet's fleetctl ignores it, and every flag after it",
        )
    return line


def _helping(line: UpdatesCommandLine) -> tuple[bool, tuple[str, ...]]:
    """Return whether help is asked for, and the words it is about."""
    asked = line.words[:1] and line.words[0] in _HELP
    return bool(line.switch or asked), line.words[1:] if asked else line.words


def _parse(
    flags: Sequence[Flag], arguments: Sequence[str], *, command: str = "", switches: Mapping[str, str] = _HELP
) -> UpdatesCommandLine:
    """Read flags as Go does, `-name value` or `--name=value`, up to the first word that is none."""
    named = {name: flag.name for flag in flags for name in (flag.name, flag.short) if name}
    values: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        if name.startswith("-") or not name:
            raise _misused(command, f"bad flag syntax: {word}")
        if name in switches:
            return UpdatesCommandLine(command=command, words=tuple(rest), switch=switches[name])
        if name not in named:
            raise _misused(command, f"flag provided but not defined: -{name}")
        if not equals and not rest:
            raise _misused(command, f"flag needs an argument: -{name}")
        values.setdefault(named[name], []).append(value if equals else rest.pop(0))
    return UpdatesCommandLine(command=command, values=values, words=tuple(rest))


def _misused(command: str, sentence: str) -> GoError:
    return GoError(sentence, hint=f"fleetctl updates {command}".rstrip() + " --help")


def _program_help() -> str:
    about = f"{WHAT_THIS_IS[0].upper()}{WHAT_THIS_IS[1:]}."
    return _help("fleetctl", about, "command", {"COMMANDS": {"updates": "Manage client updates"}})


def _updates_help() -> str:
    commands = {name: usage.about for name, usage in COMMANDS.items()}
    return _help("fleetctl updates", "Manage client updates", "command [command options]", {"COMMANDS": commands})


def _command_help(name: str, usage: Usage) -> str:
    options = {
        f"--{flag.name} value" + (f", -{flag.short} value" if flag.short else ""): flag.about for flag in usage.flags
    }
    takes = f"[command options]{usage.argument}"
    return _help(f"fleetctl updates {name}", usage.about, takes, {"OPTIONS": {**options, "--help, -h": "Show help"}})


def _help(name: str, about: str, takes: str, lists: Mapping[str, Mapping[str, str]]) -> str:
    lines = ["NAME:", f"   {name} - {about}", "", "USAGE:", f"   {name} {takes}"]
    for title, entries in lists.items():
        width = max(map(len, entries))
        lines += ["", f"{title}:", *(f"   {entry:<{width}}  {text}" for entry, text in entries.items())]
    return "\n".join(lines) + "\n"
