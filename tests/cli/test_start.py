"""The program starts without loading what it does not need, under whichever name it is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"tuf", "securesystemslib", "cryptography", "nacl", "rich", "orjson", "msgspec", "urllib3", "obstore", "json"}
LOADED = """
import sys
sys.argv = ["{name}", *{arguments}]
from tufkeep.cli.main import main
main()
print("loaded:", *sys.modules)
"""


def loaded(*arguments: str, name: str = "tufkeep", environment: dict[str, str] | None = None) -> set[str]:
    """Return the modules that a run of the program has loaded at its end."""
    script = LOADED.format(name=name, arguments=list(arguments))
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **(environment or {})},
    )
    return set(done.stdout.rpartition("loaded: ")[2].split())


def tufkeep(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tufkeep", *arguments]
    return subprocess.run(command, text=True, check=False, **{"capture_output": True, **options})  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("arguments", [["--help"], [], ["--version"], ["no-such-command"], ["key", "--help"]])
def test_help_loads_neither_libraries_nor_commands(arguments: list[str]) -> None:
    modules = loaded(*arguments)
    assert "tufkeep.cli.main" in modules
    assert not HEAVY & {module.partition(".")[0] for module in modules}
    assert not {module for module in modules if module.startswith("tufkeep.cli.commands.")}
    assert {module.split(".")[1] for module in modules if module.startswith("tufkeep.")} == {"cli", "clock", "errors"}


@pytest.mark.parametrize("name", ["tuf", "/media/stick/tuf", "fleetctl", "./fleetctl", "tuf.exe"])
def test_under_another_programs_name_it_does_not_speak_as_tufkeep(name: str) -> None:
    script = LOADED.format(name=name, arguments=["--version"])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "tufkeep 0" not in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["tufkeep", "/opt/bin/tufkeep", "tufkeep.exe", "__main__.py"])
def test_under_any_other_name_it_is_tufkeep(name: str) -> None:
    script = LOADED.format(name=name, arguments=["--version"])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("tufkeep ")


def test_completing_a_command_name_loads_no_command() -> None:
    words = {"_TUFKEEP_COMPLETE": "bash_complete", "COMP_WORDS": "tufkeep co", "COMP_CWORD": "1"}
    assert not {module for module in loaded(environment=words) if module.startswith("tufkeep.cli.commands.")}


@pytest.mark.parametrize(("shell", "word"), [("bash", "1"), ("zsh", "1"), ("fish", "complet")])
def test_the_shell_completes_command_names(shell: str, word: str) -> None:
    words = {"_TUFKEEP_COMPLETE": f"{shell}_complete", "COMP_WORDS": "tufkeep complet", "COMP_CWORD": word}
    done = tufkeep(env={**os.environ, **words})
    assert "completion" in done.stdout
    assert done.returncode == 0


def test_the_shell_completes_options() -> None:
    words = {"_TUFKEEP_COMPLETE": "bash_complete", "COMP_WORDS": "tufkeep completion --js", "COMP_CWORD": "2"}
    assert tufkeep(env={**os.environ, **words}).stdout == "plain,--json\n"


def test_the_completion_script_is_one_that_bash_takes() -> None:
    script = tufkeep("completion", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    assert "_TUFKEEP_COMPLETE=bash_complete" in script


def test_output_that_nobody_reads_ends_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    done = tufkeep("completion", "bash", capture_output=False, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 141


@pytest.mark.parametrize("group", ["client", "key", "remote", "drive"])
def test_the_commands_of_a_group_are_one_list(group: str) -> None:
    assert tufkeep(group, "--help").stdout.count("Commands:\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", ["completion bash", "--help", "--version", "updates --help"])
def test_output_that_cannot_be_written_is_an_error(line: str, unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = tufkeep(*line.split(), capture_output=False, stdout=full, stderr=subprocess.PIPE, env=environment)
    assert done.stderr.splitlines()[0].lower() == "error: no room left"
    assert "ignored" not in done.stderr
    assert done.returncode == 36


def test_a_name_that_no_locale_can_write_does_not_stop_the_error() -> None:
    done = tufkeep("no\udcffsuch", env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert done.stderr.startswith("error: no command is called 'no\\udcffsuch'")
    assert done.returncode == 2


def test_the_folder_somebody_is_in_gives_no_module(tmp_path: Path) -> None:
    for name in ("click", "msgspec", "orjson", "tuf"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('evil')")
    done = subprocess.run(
        [sys.executable, "-m", "tufkeep", "status"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "contains no repository" in done.stderr) == (10, True)
