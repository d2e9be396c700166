"""Write what follows from the program: the reference of commands, the table of exit codes, the list of public names.

python docs/generate.py            writes them
python docs/generate.py --check    fails when one of them is stale
"""

from __future__ import annotations

import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click

import tufkeep
from tufkeep.cli import table
from tufkeep.cli.base import failures
from tufkeep.cli.main import program
from tufkeep.errors import TufkeepError

CHECKOUT = Path(__file__).resolve().parent.parent
WIDTH = 100
PUBLIC = ("Workspace", "Client", "Publisher", "Agent", "Component", "Remote", "Deployment")  # the library
FAMILIES = (
    (0, 0, "Done"),
    (1, 1, "Unspecific"),
    (2, 2, "Usage: `BadRequest`"),
    (10, 19, "The working directory: `WorkspaceError`"),
    (20, 29, "Trust refused: `TrustRefused`"),
    (30, 39, "A store or the network: `StoreError`"),
    (40, 49, "A person, a key or a device is needed: `PersonNeeded`"),
    (128, 255, "Stopped from outside"),
)
WITHOUT_A_CLASS = (
    (0, "", "What the command says is true."),
    (failures.BUG, "", "A mistake in tufkeep itself."),
    (failures.USAGE, "", "No such command, option or value."),
    (failures.OPERATING_SYSTEM, "", "The operating system refused a file or a port."),
    (failures.INTERRUPTED, "", "Ctrl-C."),
    (failures.OUTPUT_CLOSED, "", "Whoever read the output stopped reading."),
)


def commands_page() -> str:
    """Return the reference of commands."""
    commands = program()
    top = click.Context(commands, info_name="tufkeep", terminal_width=WIDTH)
    parts = ["# Commands", "Written by `make reference` from the program itself.", _fenced(commands.get_help(top))]
    for section in table.SECTIONS.values():
        parts += [f"## {section.title}", *(_command(commands, top, name) for name in section.lines)]
    return "\n\n".join(parts) + "\n"


def _command(commands: click.Group, top: click.Context, name: str) -> str:
    found: click.Command = commands
    ctx = top
    for word in name.split():
        assert isinstance(found, click.Group)
        found = found.get_command(ctx, word) or found
        ctx = click.Context(found, info_name=word, parent=ctx, terminal_width=WIDTH)
    return f"### tufkeep {name}\n\n{_fenced(found.get_help(ctx))}"


def _fenced(text: str) -> str:
    return f"```\n{text.rstrip()}\n```"


def errors() -> list[type[TufkeepError]]:
    """Return every error class of the house, except those of the test doubles."""
    for module in pkgutil.walk_packages(tufkeep.__path__, "tufkeep."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found: set[type[TufkeepError]] = {TufkeepError, *_below(TufkeepError)}
    ours = (each for each in found if each.__module__.startswith("tufkeep.") and ".testing" not in each.__module__)
    return sorted(ours, key=lambda each: (each.exit_code, each.__name__))


def _below(kind: type[TufkeepError]) -> Iterator[type[TufkeepError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def exit_codes_page() -> str:
    """Return the table of exit codes."""
    rows = [(each.exit_code, each.__name__, inspect.getdoc(each) or "") for each in errors()]
    everything = sorted([*rows, *WITHOUT_A_CLASS], key=lambda row: row[:2])
    parts = [
        "# Exit codes",
        "Written by `make reference` from the error classes. A script may rely on a family; on a single number\n"
        "where it stands for one thing only. A Python program catches the family by the class in its heading.\n"
        "Called as `tuf` or `fleetctl`, the program ends with 1 on every error, as those do.",
    ]
    for first, last, title in FAMILIES:
        lines = [_row(*row) for row in everything if first <= row[0] <= last]
        span = str(first) if first == last else f"{first} to {last}"
        parts.append(f"## {span}: {title}\n\n| code | error | when |\n|---|---|---|\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _row(code: int, name: str, meaning: str) -> str:
    first = " ".join(meaning.partition("\n\n")[0].split()).replace("|", "\\|")
    return f"| {code} | {f'`{name}`' if name else ''} | {first} |"


def names_block() -> str:
    """Return the public names, for type checkers as imports, for the running program as a table."""
    homes = {each.__name__: each.__module__ for each in errors() if not each.__module__.startswith("tufkeep.cli.")}
    homes |= {name: home for name in PUBLIC if (home := _home(name))}
    imports = [
        f"    from {home} import {name} as {name}" for name, home in sorted(homes.items(), key=lambda item: item[::-1])
    ]
    entries = [f'    "{name}": "{home}",' for name, home in sorted(homes.items())]
    return "\n".join(["if TYPE_CHECKING:", *imports, "", "_HOMES = {", *entries, "}"])


def _home(name: str) -> str | None:
    """Return the module that defines a public class, None as long as nobody has written it."""
    loaded = [module for key, module in sys.modules.items() if key.startswith("tufkeep.") and ".testing" not in key]
    found = {vars(module)[name].__module__ for module in loaded if inspect.isclass(vars(module).get(name))}
    return min(found, default=None)


def _exports() -> str:
    text = (CHECKOUT / "src/tufkeep/__init__.py").read_text()
    first, last = "# names: written by docs/generate.py\n", "# end of names\n"
    before, _, rest = text.partition(first)
    return f"{before}{first}{names_block()}\n{last}{rest.partition(last)[2]}"


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page,
    "docs/exit-codes.md": exit_codes_page,
    "src/tufkeep/__init__.py": _exports,
}


def stale() -> dict[str, str]:
    """Return the files that are not what they should be, with what they should be."""
    return {name: page for name, write in PAGES.items() if (page := write()) != _present(name)}


def _present(name: str) -> str:
    path = CHECKOUT / name
    return path.read_text() if path.exists() else ""


def main(arguments: list[str]) -> int:
    """Write or check; return the exit code."""
    found = stale()
    for name, page in found.items():
        if "--check" in arguments:
            sys.stderr.write(f"{name} is stale: make reference\n")
        else:
            (CHECKOUT / name).parent.mkdir(parents=True, exist_ok=True)
            (CHECKOUT / name).write_text(page)
            sys.stdout.write(f"wrote {name}\n")
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
