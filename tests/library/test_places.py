"""What a caller gives where a path, a store or passphrases are wanted is taken, or refused with one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tufkeep.keys.passphrase import NoPassphrase, Passphrase, PassphraseRequest
from tufkeep.keys.sources import given
from tufkeep.stores import FolderStore, MemoryStore, file_path, store_at

ROOT2 = PassphraseRequest(role="root", file="root2.json")


@pytest.mark.parametrize("place", ["updates", Path("updates")])
def test_text_and_paths_name_a_folder(place: str | Path) -> None:
    store = store_at(place)
    assert isinstance(store, FolderStore)
    assert store.path == Path("updates")


def test_a_store_is_taken_as_it_is() -> None:
    store = MemoryStore()
    assert store_at(store) is store


@pytest.mark.parametrize("what", ["", "a\0b"])
def test_some_text_is_no_path(what: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        file_path(what)


@pytest.mark.parametrize("passphrases", [{"root2": "x"}, {"root": "x"}, {"root2.json": "x"}, lambda request: "x"])
def test_passphrases_are_a_mapping_or_a_function(passphrases: Any) -> None:
    assert given(passphrases)(ROOT2) == Passphrase("x")


@pytest.mark.parametrize("passphrases", [{}, {"targets": "x"}, lambda request: None])
def test_no_answer_is_no_passphrase(passphrases: Any) -> None:
    with pytest.raises(NoPassphrase):
        given(passphrases)(ROOT2)


def test_a_passphrase_is_text() -> None:
    with pytest.raises(TypeError, match="a passphrase is text, not bytes"):
        given(lambda request: b"x")(ROOT2)  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match="not str"):
        given("secret")  # type: ignore[arg-type]
