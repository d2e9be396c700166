from __future__ import annotations

import copy
import os
import pickle
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tufkeep.cli.base.hints import hint
from tufkeep.keys.passphrase import (
    EmptyPassphrase,
    NoPassphrase,
    Passphrase,
    PassphraseRequest,
    PassphraseSource,
    Purpose,
    first_line,
)
from tufkeep.keys.sources import (
    PassphraseUnreadable,
    by_key,
    first_of,
    from_command,
    from_descriptor,
    from_environment,
    from_file,
)

ROOT2 = PassphraseRequest(role="root", file="root2.json")
TARGETS = PassphraseRequest(role="targets", file="targets.json")
CHANGE = PassphraseRequest(role="root", file="root2.json", purpose=Purpose.CHANGE)


def says(text: str) -> PassphraseSource:
    return lambda request: Passphrase(text)


def has_none(request: PassphraseRequest) -> Passphrase:
    raise NoPassphrase(request.file)


def test_a_passphrase_shows_itself_only_when_asked_by_name() -> None:
    secret = Passphrase("tell nobody")
    assert "tell" not in f"{secret!r} {secret} {[secret]}"
    assert secret.reveal() == "tell nobody"
    assert not hasattr(secret, "__dict__")


def test_a_passphrase_is_neither_pickled_copied_nor_hashed() -> None:
    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied or pickled"):
            spread(Passphrase("secret"))
    with pytest.raises(TypeError):
        hash(Passphrase("secret"))


def test_passphrases_are_equal_by_their_text() -> None:
    assert Passphrase("one") == Passphrase("one", asked=True)
    assert Passphrase("one") != Passphrase("two")
    assert Passphrase("one") != "one"


@given(st.binary())
def test_the_bytes_of_a_first_line_come_out_as_they_came_in(line: bytes) -> None:
    line = line.replace(b"\n", b"").rstrip(b"\r").removeprefix(b"\xef\xbb\xbf")
    assert first_line(line + b"\n").encode() == line
    assert first_line(line + b"\r\nmore\n").encode() == line
    assert first_line(line).encode() == line


def test_blanks_belong_to_a_passphrase() -> None:
    assert first_line(b"  two  words \n").reveal() == "  two  words "


def test_a_file_gives_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "pass").write_bytes("päss\nnot this\n".encode())
    assert from_file(tmp_path / "pass")(ROOT2).reveal() == "päss"


def test_a_pipe_given_as_a_file_is_read_once(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"from a pipe\n")
    os.close(writing)
    source = from_file(Path(f"/dev/fd/{reading}"))
    assert [source(ROOT2).reveal(), source(TARGETS).reveal()] == ["from a pipe"] * 2
    os.close(reading)


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(PassphraseUnreadable, match=r"^passphrase from pass: no such file or directory$") as caught:
        from_file(tmp_path / "pass")(ROOT2)
    assert str(tmp_path) not in f"{caught.value} {hint(caught.value)}"


def test_a_folder_is_no_passphrase_file(tmp_path: Path) -> None:
    with pytest.raises(PassphraseUnreadable, match="is a directory"):
        from_file(tmp_path)(ROOT2)


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", b"\nsecond line\n"])
def test_an_empty_first_line_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pass").write_bytes(data)
    with pytest.raises(EmptyPassphrase, match=r"root2\.json"):
        from_file(tmp_path / "pass")(ROOT2)


def test_a_first_line_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pass").write_bytes(b"x" * 100_000)
    with pytest.raises(PassphraseUnreadable, match="longer than 4,096 bytes"):
        from_file(tmp_path / "pass")(ROOT2)
    with (tmp_path / "pass").open("rb") as file, pytest.raises(PassphraseUnreadable, match="longer"):
        from_descriptor(file.fileno())(ROOT2)


def test_the_longest_passphrase_is_taken_whole(tmp_path: Path) -> None:
    (tmp_path / "pass").write_bytes(b"x" * 4096 + b"\r\n")
    assert len(from_file(tmp_path / "pass")(ROOT2).reveal()) == 4096


def test_a_descriptor_gives_its_first_line_and_keeps_the_rest() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"first\nsecond\n")
    source = from_descriptor(reading)
    assert [source(ROOT2).reveal(), source(TARGETS).reveal()] == ["first", "first"]
    assert os.read(reading, 100) == b"second\n"
    os.close(writing)
    os.close(reading)


def test_a_closed_descriptor_says_so() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    os.close(reading)
    with pytest.raises(PassphraseUnreadable, match="bad file descriptor"):
        from_descriptor(reading)(ROOT2)


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def test_a_command_gives_the_first_line_that_it_prints() -> None:
    source = from_command(python("print('from a vault'); print('more')"), environ={})
    assert source(ROOT2).reveal() == "from a vault"


def test_a_command_is_told_which_key_is_meant() -> None:
    source = from_command(python("import sys; print(*sys.argv[1:])", "vault/{role}/{key}"), environ={})
    assert source(ROOT2).reveal() == "vault/root/root2"
    assert source(TARGETS).reveal() == "vault/targets/targets"


def test_a_command_runs_once_for_each_passphrase(tmp_path: Path) -> None:
    log = tmp_path / "log"
    source = from_command(python(f"open({str(log)!r}, 'a').write('x'); print('same')"), environ={})
    assert [source(ROOT2).reveal(), source(TARGETS).reveal()] == ["same", "same"]
    assert log.read_text() == "x"


def test_no_shell_reads_a_command(tmp_path: Path) -> None:
    source = from_command(
        ["echo", "$HOME", ";", f"touch {tmp_path}/made", "`id`"], environ={"PATH": os.environ["PATH"]}
    )
    assert source(ROOT2).reveal() == f"$HOME ; touch {tmp_path}/made `id`"
    assert not list(tmp_path.iterdir())


def test_a_command_does_not_see_the_passphrases_in_our_environment() -> None:
    environ = {"TUF_ROOT_PASSPHRASE": "one", "FLEET_ROOT_PASSPHRASE": "two", "OP_SESSION": "kept"}
    source = from_command(python("import os; print(sorted(v for v in os.environ.values()))"), environ=environ)
    shown = source(ROOT2).reveal()
    assert "kept" in shown
    assert "one" not in shown
    assert "two" not in shown


def test_a_command_has_nothing_to_read_from_us() -> None:
    before, (reading, writing) = os.dup(0), os.pipe()
    os.write(writing, b"meant for somebody else\n")
    os.close(writing)
    os.dup2(reading, 0)
    try:
        source = from_command(python("import sys; print(repr(sys.stdin.read()))"), environ={})
        assert source(ROOT2).reveal() == "''"
        assert os.read(0, 100) == b"meant for somebody else\n"
    finally:
        os.dup2(before, 0)
        os.close(before)
        os.close(reading)


@pytest.mark.parametrize(
    ("program", "seconds", "fact"),
    [
        ("print('secret'); raise SystemExit(3)", 60, "failed with exit code 3"),
        ("import time; print('secret', flush=True); time.sleep(60)", 0.5, "no answer within 0.5 seconds"),
    ],
)
def test_a_command_that_fails_gives_no_passphrase_and_tells_no_secret(program: str, seconds: float, fact: str) -> None:
    with pytest.raises(PassphraseUnreadable) as caught:
        from_command(python(program, "op://Private/where-it-lies"), environ={}, seconds=seconds)(ROOT2)
    assert fact in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "op://" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("command", ["/nowhere/op", "a\0b"])
def test_a_command_that_is_not_there_says_so(command: str) -> None:
    with pytest.raises(PassphraseUnreadable):
        from_command([command], environ={})(ROOT2)


def test_a_command_that_prints_nothing_is_refused() -> None:
    with pytest.raises(EmptyPassphrase):
        from_command(python("pass"), environ={})(ROOT2)


@pytest.mark.parametrize(
    ("environ", "request_", "text"),
    [
        ({"TUF_ROOT_PASSPHRASE": "a"}, ROOT2, "a"),
        ({"FLEET_ROOT_PASSPHRASE": "a"}, ROOT2, "a"),
        ({"FLEET_ROOT_PASSPHRASE": "a", "TUF_ROOT_PASSPHRASE": "b"}, ROOT2, "b"),
        ({"TUF_ROOT_PASSPHRASE": "a", "TUF_ROOT2_PASSPHRASE": "b"}, ROOT2, "b"),
        ({"TUF_ROOT_PASSPHRASE": "a", "FLEET_ROOT2_PASSPHRASE": "b"}, ROOT2, "b"),
        ({"TUF_ROOT_PASSPHRASE": "", "FLEET_ROOT_PASSPHRASE": "b"}, ROOT2, "b"),
        ({"TUF_ROOT_PASSPHRASE": " two words "}, ROOT2, " two words "),
        ({"TUF_NEW_ROOT_PASSPHRASE": "a", "TUF_ROOT_PASSPHRASE": "b"}, CHANGE, "a"),
        ({"TUF_TARGETS_PASSPHRASE": "a", "TUF_ROOT_PASSPHRASE": "b"}, TARGETS, "a"),
    ],
)
def test_the_originals_variables_are_read(environ: dict[str, str], request_: PassphraseRequest, text: str) -> None:
    assert from_environment(environ)(request_).reveal() == text


@pytest.mark.parametrize(
    ("environ", "request_"),
    [
        ({}, ROOT2),
        ({"TUF_ROOT_PASSPHRASE": ""}, ROOT2),
        ({"TUF_ROOT_PASSPHRASE": "a"}, TARGETS),
        ({"TUF_ROOT_PASSPHRASE": "a"}, CHANGE),
        ({"TUF_NEW_ROOT_PASSPHRASE": "a"}, ROOT2),
    ],
)
def test_an_unset_variable_is_no_passphrase(environ: dict[str, str], request_: PassphraseRequest) -> None:
    with pytest.raises(NoPassphrase):
        from_environment(environ)(request_)


def test_a_variable_set_to_nothing_can_be_refused_as_fleetctl_does() -> None:
    with pytest.raises(EmptyPassphrase):
        from_environment({"FLEET_ROOT_PASSPHRASE": ""}, prefixes=["FLEET_"], empty_is_unset=False)(ROOT2)


def test_sources_are_chosen_by_file_and_then_by_role() -> None:
    source = by_key({"root": says("role"), "root2": says("file")})
    assert source(ROOT2).reveal() == "file"
    assert source(PassphraseRequest(role="root", file="root3.json")).reveal() == "role"
    with pytest.raises(NoPassphrase):
        source(TARGETS)


def test_the_first_source_that_has_a_passphrase_gives_it() -> None:
    assert first_of(has_none, says("second"), says("third"))(ROOT2).reveal() == "second"
    with pytest.raises(NoPassphrase, match=r"root2\.json"):
        first_of(has_none, has_none)(ROOT2)


def test_a_source_that_fails_is_not_skipped(tmp_path: Path) -> None:
    with pytest.raises(PassphraseUnreadable):
        first_of(from_file(tmp_path / "missing"), says("second"))(ROOT2)
