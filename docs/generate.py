"""Write what follows from the program: the reference of commands, the table of exit codes, the list of public names.

python docs/generate.py            writes them
python docs/generate.py --check    fails when one of them is stale
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import tufkeep
from tufkeep.cli import table
from tufkeep.cli.base import failures
from tufkeep.cli.main import program
from tufkeep.errors import TufkeepError
from tufkeep.metadata import clients

CHECKOUT = Path(__file__).resolve().parent.parent
WIDTH = 100
_COMMENT = re.compile(r"^    (\w+): [^#\n]*#\s+(.*)$", re.MULTILINE)
_SECTIONS = {"Args:": "Arguments", "Raises:": "Errors", "Returns:": "Returns"}
API: dict[str, tuple[str, tuple[str, ...]]] = {  # page of docs/api -> title, what it names as module.name
    "workspace": (
        "A repository with its keys",
        (
            "workspace.workspace.Workspace",
            "workspace.outcome.Staged",
            "workspace.outcome.StagedRole",
            "workspace.outcome.Committed",
            "workspace.outcome.KeysAdded",
            "workspace.outcome.KeyRevoked",
            "workspace.key_list.KeyList",
            "workspace.key_list.ListedKey",
        ),
    ),
    "publisher": (
        "A repository is published",
        (
            "publish.publisher.Publisher",
            "publish.publication.Pushed",
            "publish.pull.Pulled",
            "publish.deploy.Deployment",
            "publish.remote.Remote",
        ),
    ),
    "client": (
        "Verified files",
        ("client.client.Client", "client.client.Refresh", "client.download.Downloaded", "client.limits.Limits"),
    ),
    "agent": (
        "Installed components",
        ("agent.agent.Agent", "agent.component.Component", "agent.outcome.Update", "agent.outcome.Outcome"),
    ),
    "watching": (
        "What is signed, and whether it is right",
        (
            "watch.status.status",
            "watch.change.staged_change",
            "watch.verify.verify",
            "watch.verify.diagnose",
            "watch.verify.Report",
            "ceremony.prove.outlook",
        ),
    ),
    "keys": (
        "Keys replaced, drives written",
        (
            "ceremony.rotate.rotate",
            "ceremony.compromise.harms",
            "ceremony.compromise.revoke_compromised",
            "ceremony.key_check.check_keys",
            "ceremony.drive.write_drive",
            "ceremony.drive.check_drive",
        ),
    ),
    "own-parts": (
        "Signers, stores, fetchers and passphrases of your own",
        (
            "keys.signer.Signer",
            "keys.passphrase.PassphraseRequest",
            "keys.passphrase.Passphrase",
            "stores.store.Store",
            "stores.folder.FolderStore",
            "stores.memory.MemoryStore",
            "client.fetch.Fetcher",
            "client.http.HttpFetcher",
            "client.wait.Wait",
            "stores.network.Network",
        ),
    ),
}
CALLS = {  # command -> the same from Python, with what the front door names unless a module stands before it
    "init": 'Workspace.create("updates", root_keys=3, passphrases=ask)',
    "key new": 'workspace.new_key("targets")',
    "key list": "workspace.keys()",
    "key import": 'workspace.import_key("targets", "ana.pub"), workspace.add_key("targets", signer)',
    "key revoke": 'workspace.revoke_key("targets", "3f2a"), revoke_compromised(workspace, "targets", "3f2a")',
    "key change-passphrase": 'workspace.change_passphrase("root2.json")',
    "key check": 'check_keys(workspace, Workspace.open("updates", keys="/media/backup", passphrases=ask).keyring)',
    "rotate": 'rotate(workspace, "timestamp")',
    "drive write": 'write_drive(workspace, "/media/backup1", "root-backup")',
    "drive check": 'check_drive("/media/stick")',
    "threshold": 'workspace.set_threshold("root", 2)',
    "expire": 'workspace.expire("timestamp", timedelta(days=14))',
    "ceremony": "",
    "ceremony check": "tufkeep.ceremony.surroundings.look_around(...)",
    "add": 'workspace.add("build/agent", as_="agent/linux/stable/agent", custom={"version": "1.0"})',
    "remove": 'workspace.remove("agent/*/edge/*")',
    "renew": "workspace.renew()",
    "review": "staged_change(workspace).sentences",
    "sign": 'Workspace.open("updates", keys="/media/root-keys", passphrases=ask).sign(["root"])',
    "commit": "workspace.commit()",
    "clean": "workspace.clean()",
    "abandon": "tufkeep.workspace.abandon.abandon(workspace, found)",
    "request": "tufkeep.ceremony.ask.ask(workspace, wish)",
    "approve": "tufkeep.ceremony.approve.sign(workspace, tufkeep.ceremony.proposal.propose(workspace, data))",
    "accept": "tufkeep.ceremony.accept.accept(workspace, [data])",
    "push": 'Publisher.open(workspace, "staging").push()',
    "pull": 'Publisher.open(workspace, "staging").pull()',
    "diff": 'Publisher.open(workspace, "staging").diff()',
    "deploy": 'Deployment.open(workspace, "staging", "production").run(approved_by="lucas")',
    "mirror": 'Deployment.mirror(workspace, "production", "/srv/mirror").run()',
    "rollforward": 'Publisher.open(workspace, "production").rollforward(above=4402)',
    "remote status": 'Publisher.open(workspace, "production").status()',
    "remote verify": 'Publisher.open(workspace, "production").verify()',
    "remote log": 'Publisher.open(workspace, "production").log()',
    "remote test": 'Publisher.open(workspace, "staging").conditions()',
    "migrate consistent-snapshot": "tufkeep.publish.migrate.stage_consistent_snapshot(workspace)",
    "status": "status(workspace)",
    "verify": "verify(workspace).errors",
    "doctor": "diagnose(workspace).findings",
    "serve": 'tufkeep.watch.serve.RepositoryServer(FolderStore("updates/repository")).serve_forever()',
    "log": "workspace.record.read()",
    "log verify": "workspace.record.read()",
    "log export": 'tufkeep.ceremony.record_page.record_page(workspace.record.read(), title="updates", now=...)',
    "prove": "outlook(workspace)",
    "client init": 'Client.open("state", "https://updates.example.com/", root="first-root.json")',
    "client refresh": 'Client.open("state").refresh()',
    "client list": 'Client.open("state").list("agent/*")',
    "client download": 'Client.open("state").download("agent/linux/stable/agent", to="bin")',
    "agent once": 'Agent.open("/opt/agent").once("orbit")',
    "demo": "",
    "updates": "",
    "shims": "",
    "completion": "",
}
PROGRAM = """\
from getpass import getpass

from tufkeep import Client, Publisher, Workspace


def ask(request):
    return getpass(f"passphrase of {request.file}: ")


workspace = Workspace.create("updates", root_keys=3, passphrases=ask)
workspace.add("build/agent", as_="agent/linux/stable/agent", custom={"version": "1.0"})
workspace.commit()
Publisher.open(workspace, "staging").push()
client = Client.open("state", "https://updates.example.com/", root="first-root.json")
client.download("agent/linux/stable/agent", to="bin")
"""
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


def clients_page() -> str:
    """Return which client reads what, from the table that decides it."""
    parts = [
        "# Which client reads what",
        "Written by `make reference` from the table that `verify`, `add`, `commit` and `push` ask. What is not here,\n"
        "all of them read as the specification says. The clients that are out there are named in\n"
        "[the policy](../policy.md#agents).",
        "| name | client | by default |\n|---|---|---|\n"
        + "\n".join(
            f"| `{name}` | {title} | {'yes' if name in (*clients.DEFAULT, clients.OURS) else 'no'} |"
            for name, title in clients.CLIENTS.items()
        ),
    ]
    for trait in clients.TRAITS:
        rows = [_reading(name, reading) for name, reading in trait.by.items()]
        parts.append(
            f"## {trait.id}\n\n{trait.thing[0].upper()}{trait.thing[1:]}.\n\n"
            "| client | takes | else | source |\n|---|---|---|---|\n" + "\n".join(rows)
        )
    return "\n\n".join(parts) + "\n"


def _reading(name: str, reading: clients.Reading) -> str:
    takes = ", ".join(reading.known)
    if reading.most is not None:
        takes = f"{reading.most:,} at most"
    if reading.fails is not None:
        takes = "not what matches `" + reading.fails.pattern.replace("|", "\\|") + "`"
    return f"| `{name}` | {takes} | {reading.happens.value} | {reading.source} |"


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
    homes |= {each.__name__: each.__module__ for _, names in API.values() for each in map(_named, names)}
    imports = [
        f"    from {home} import {name} as {name}" for name, home in sorted(homes.items(), key=lambda item: item[::-1])
    ]
    entries = [f'    "{name}": "{home}",' for name, home in sorted(homes.items())]
    return "\n".join(["if TYPE_CHECKING:", *imports, "", "_HOMES = {", *entries, "}"])


def _named(path: str) -> Any:
    """Return what the API names as module.name."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"tufkeep.{module}"), name)


def api_index() -> str:
    """Return the first page of the API."""
    unlike = CALLS.keys() ^ table.listed().keys()
    assert not unlike, f"CALLS and the commands differ: {unlike}"
    pages = [f"- [{title}]({name}.md): {', '.join(map(_short, names))}" for name, (title, names) in API.items()]
    rows = [f"| `{name}` | {f'`{call}`' if call else 'for people at a terminal'} |" for name, call in CALLS.items()]
    return "\n".join(
        [
            "# The library",
            "",
            "Written by `make reference` from the docstrings. Programs that run: [examples](../../examples).",
            "What may be relied on: [stability](../stability.md).",
            "",
            "```python",
            PROGRAM + "```",
            "",
            "Paths are text or `Path`, remotes are names in tufkeep.toml, URLs or folders; the clock is the system's.",
            "A folder may be a store of any kind (`Place`); passphrases are a mapping by role or key file, or a",
            "function (`Passphrases`).",
            "",
            "An error is one sentence; catch a family to decide what to do, as [exit codes](../exit-codes.md) lists",
            "them. A wrong type is a `TypeError`, a value out of range a `ValueError`. What goes on is in the log",
            "`tufkeep`, one logger for each room.",
            "",
            *pages,
            "",
            "## Each command from Python",
            "",
            "| command | call |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def _short(path: str) -> str:
    return f"`{path.rpartition('.')[2]}`"


def _api_page(name: str) -> Callable[[], str]:
    title, paths = API[name]

    def page() -> str:
        parts = [f"# {title}", "Written by `make reference` from the docstrings. Import each name from `tufkeep`."]
        for each in map(_named, paths):
            parts += _class(each) if inspect.isclass(each) else [f"## {each.__name__}", *_callable(each, each.__name__)]
        return "\n\n".join(parts) + "\n"

    return page


def _class(kind: type) -> Iterator[str]:
    yield f"## {kind.__name__}"
    yield _markdown(inspect.getdoc(kind) or "")
    if is_dataclass(kind):
        yield _fields(kind)
    elif "__init__" in dir(kind) and kind.__init__ is not object.__init__ and not getattr(kind, "_is_protocol", False):  # type: ignore[misc]
        yield _fenced_python(f"{kind.__name__}{_signature(kind.__init__, bound=True)}")  # type: ignore[misc]
    for name, member in _members(kind):
        if isinstance(member, property):
            yield f"### {kind.__name__}.{name}"
            yield _markdown(inspect.getdoc(member) or "") or "See its type."
        else:
            yield from _method(kind, name, member)


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties, those of the class itself first, in the order of the source."""
    seen: set[str] = set()
    for each in kind.__mro__:
        if not each.__module__.startswith("tufkeep."):
            continue
        for name, member in vars(each).items():
            documented = isinstance(member, property | classmethod) or inspect.isfunction(member)
            if documented and not name.startswith("_") and name not in seen:
                seen.add(name)
                yield name, member


def _method(kind: type, name: str, member: Any) -> Iterator[str]:
    function = member.__func__ if isinstance(member, classmethod) else member
    yield f"### {kind.__name__}.{name}"
    yield from _callable(function, name, bound=True)


def _callable(function: Any, name: str, *, bound: bool = False) -> Iterator[str]:
    yield _fenced_python(f"{name}{_signature(function, bound=bound)}")
    if text := inspect.getdoc(inspect.unwrap(function)):
        yield _markdown(text)


def _signature(function: Any, *, bound: bool) -> str:
    found = inspect.signature(function)
    parameters = list(found.parameters.values())[1 if bound else 0 :]
    words: list[str] = []
    for each in parameters:
        if each.kind is each.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        words.append(_parameter(each))
    returned = f" -> {found.return_annotation}" if found.return_annotation not in (found.empty, "None") else ""
    line = f"({', '.join(words)}){returned}"
    if len(line) < WIDTH - 12:
        return line
    return "(\n" + "".join(f"    {word},\n" for word in words) + f"){returned}"


def _parameter(each: inspect.Parameter) -> str:
    stars = "*" if each.kind is each.VAR_POSITIONAL else "**" if each.kind is each.VAR_KEYWORD else ""
    kind = f": {each.annotation}" if each.annotation is not each.empty else ""
    if each.default is each.empty:
        return f"{stars}{each.name}{kind}"
    value = each.default
    shown = getattr(value, "__name__", None) or (str(value) if isinstance(value, Enum) else repr(value))
    return f"{each.name}{kind} = {'...' if shown == '<lambda>' else shown}"


def _fields(kind: type) -> str:
    """Return the fields of a value, with the comments that stand beside them."""
    comments = dict(_COMMENT.findall(inspect.getsource(kind)))
    lines = [
        f"| `{each.name}` | `{str(each.type).replace('|', chr(92) + '|')}` | {comments.get(each.name, '')} |"
        for each in fields(kind)
    ]
    return "\n".join(["| field | type | |", "|---|---|---|", *lines])


def _markdown(text: str) -> str:
    """Return a docstring with its sections as lists."""
    paragraphs: list[str] = []
    for part in text.split("\n\n"):
        head, _, body = part.partition("\n")
        if head in _SECTIONS:
            items = re.sub(r"\n {4,}(?=\S)", " ", textwrap.dedent(body))
            paragraphs.append(f"{_SECTIONS[head]}:\n\n" + "\n".join(_item(item) for item in items.split("\n")))
        else:
            paragraphs.append(part)
    return "\n\n".join(paragraphs)


def _item(line: str) -> str:
    names, colon, text = line.partition(": ")
    if not colon or not re.fullmatch(r"[\w.*]+(?:, (?:[\w.*]+|\.\.\.))*", names):
        return f"- {line}"
    return f"- {', '.join(f'`{name}`' for name in names.split(', '))}: {text}"


def _fenced_python(text: str) -> str:
    return f"```python\n{text}\n```"


def _exports() -> str:
    text = (CHECKOUT / "src/tufkeep/__init__.py").read_text()
    first, last = "# names: written by docs/generate.py\n", "# end of names\n"
    before, _, rest = text.partition(first)
    return f"{before}{first}{names_block()}\n{last}{rest.partition(last)[2]}"


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page,
    "docs/exit-codes.md": exit_codes_page,
    "docs/reference/clients.md": clients_page,
    "docs/api/README.md": api_index,
    **{f"docs/api/{name}.md": _api_page(name) for name in API},
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
