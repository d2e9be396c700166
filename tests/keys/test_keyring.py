from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from tests.keys.conftest import Scrypts
from tests.keys.vectors import KEY_FILES, REPOSITORIES
from tufkeep.errors import TufkeepError
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyfile import parse_key_file, seal_key_file
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.modes import modes_below
from tufkeep.keys.naming import next_name
from tufkeep.keys.passphrase import EmptyPassphrase, NoPassphrase, Passphrase, PassphraseRequest, PassphraseSource
from tufkeep.keys.private import PrivateKey, from_seed, generate
from tufkeep.keys.sealed import KeyFileRefused, WrongPassphrase
from tufkeep.stores import FolderStore, MemoryStore, ObjectChanged, ObjectExists

KEYS = [from_seed(bytes([number]) * 32) for number in range(5)]
IDS = [key.keyid for key in KEYS]


@pytest.fixture(scope="module")
def sealed() -> list[bytes]:
    """Return one encrypted file for each of KEYS; the passphrases are "pass 0", "pass 1" ..."""
    return [seal_key_file([key], Passphrase(f"pass {number}")) for number, key in enumerate(KEYS)]


class Guard:
    """Gives passphrases by file name, and keeps what was asked."""

    def __init__(self, passphrases: Mapping[str, str | list[str]], *, asked: bool = False):
        self._left = {name: [text] if isinstance(text, str) else list(text) for name, text in passphrases.items()}
        self._asked = asked
        self.requests: list[PassphraseRequest] = []

    def __call__(self, request: PassphraseRequest) -> Passphrase:
        self.requests.append(request)
        if not self._left.get(request.file):
            raise NoPassphrase(request.file)
        left = self._left[request.file]
        return Passphrase(left.pop(0) if self._asked else left[0], asked=self._asked)

    @property
    def files(self) -> list[str]:
        return [request.file for request in self.requests]


def store_of(files: Mapping[str, bytes]) -> MemoryStore:
    store = MemoryStore()
    for name, data in files.items():
        store.write(f"keys/{name}", data)
    return store


def folder_of(store: MemoryStore, modes: Callable[[str], int | None] = lambda name: None) -> KeyFolder:
    return KeyFolder(store=store, prefix="keys/", modes=modes)


def ring_of(
    files: Mapping[str, bytes],
    passphrases: PassphraseSource | None = None,
    known: Mapping[str, tuple[str, ...]] | None = None,
) -> Keyring:
    return Keyring(folder_of(store_of(files)), passphrases=passphrases, known=known)


def ids(keys: tuple[PrivateKey, ...]) -> list[str]:
    return [key.keyid for key in keys]


def plain(*keys: PrivateKey) -> bytes:
    return seal_key_file(keys, None)


# --- finding


def test_a_key_is_found_by_its_id_whatever_the_file_is_called() -> None:
    ring = ring_of({"root.json": plain(KEYS[0]), "holiday-photos.json": plain(KEYS[1])})
    assert ids(ring.find([IDS[1]], role="root")) == [IDS[1]]


def test_every_wanted_key_is_found_and_no_other() -> None:
    ring = ring_of({"root.json": plain(*KEYS[:3]), "targets.json": plain(*KEYS[2:])})
    assert ids(ring.find(IDS[1:4], role="root")) == IDS[1:4]


def test_nothing_wanted_or_nothing_there_is_no_error() -> None:
    assert ring_of({"root.json": plain(KEYS[0])}).find([], role="root") == ()
    assert ring_of({}).find([IDS[0]], role="root") == ()
    assert ring_of({"root.json": plain(KEYS[0])}).find(["0" * 64], role="root") == ()


def test_a_file_named_for_the_role_is_opened_before_any_other(sealed: list[bytes], scrypts: Scrypts) -> None:
    guard = Guard({"a.json": "pass 0", "root2.json": "pass 1", "targets.json": "pass 2"})
    ring = ring_of({"a.json": sealed[0], "root2.json": sealed[1], "targets.json": sealed[2]}, guard)
    assert ids(ring.find([IDS[1]], role="root")) == [IDS[1]]
    assert guard.files == ["root2.json"]
    assert scrypts.count == 1


def test_other_files_are_opened_only_if_nothing_was_found(sealed: list[bytes]) -> None:
    guard = Guard({"spare.json": "pass 0", "root.json": "pass 1"})
    files = {"spare.json": sealed[0], "root.json": sealed[1]}
    assert ids(ring_of(files, guard).find([IDS[0], IDS[1]], role="root")) == [IDS[1]]
    assert guard.files == ["root.json"]
    assert ids(ring_of(files, guard).find([IDS[0]], role="root")) == [IDS[0]]
    assert guard.files == ["root.json", "root.json", "spare.json"]


def test_a_file_opened_as_a_last_resort_is_asked_for_by_the_role_it_is_named_for(sealed: list[bytes]) -> None:
    guard = Guard({"targets.json": "pass 0", "spare.json": "pass 1"})
    ring_of({"targets.json": sealed[0], "spare.json": sealed[1]}, guard).find([IDS[0], IDS[1]], role="root")
    assert [(request.file, request.role) for request in guard.requests] == [
        ("spare.json", "root"),
        ("targets.json", "targets"),
    ]


def test_a_file_once_seen_inside_is_opened_only_for_its_keys(sealed: list[bytes], scrypts: Scrypts) -> None:
    files = {"root.json": sealed[0], "targets.json": sealed[1]}
    guard = Guard({"root.json": "pass 0", "targets.json": "pass 1"})
    first = ring_of(files, guard)
    first.find([IDS[0]], role="root")
    first.find([IDS[1]], role="targets")
    assert scrypts.count == 2

    known = dict(first.learned)
    assert sorted(known.values()) == sorted([KEYS[0].keyids, KEYS[1].keyids])
    later = ring_of(files, guard, known)
    assert later.find([IDS[2]], role="root") == ()  # both are known to hold other keys
    assert scrypts.count == 2
    assert ids(later.find([IDS[0]], role="targets")) == [IDS[0]]
    assert scrypts.count == 3
    assert later.learned == {}


def test_what_is_known_of_a_file_ends_when_the_file_changes(sealed: list[bytes]) -> None:
    guard = Guard({"root.json": "pass 0"})
    first = ring_of({"root.json": sealed[0]}, guard)
    first.find([IDS[0]], role="root")
    later = ring_of({"root.json": sealed[1]}, Guard({"root.json": "pass 1"}), first.learned)
    assert ids(later.find([IDS[1]], role="root")) == [IDS[1]]


def test_one_scrypt_opens_a_file_for_a_whole_command(sealed: list[bytes], scrypts: Scrypts) -> None:
    guard = Guard({"root.json": "pass 0"})
    ring = ring_of({"root.json": sealed[0]}, guard)
    for _ in range(3):
        ring.find([IDS[0]], role="root")
    ring.unlock("root.json")
    assert scrypts.count == 1
    assert guard.files == ["root.json"]


def test_files_are_opened_side_by_side_when_nobody_has_to_type(sealed: list[bytes], scrypts: Scrypts) -> None:
    files = {f"root{number}.json": data for number, data in enumerate(sealed)}
    guard = Guard({name: f"pass {number}" for number, name in enumerate(files)})
    assert ids(ring_of(files, guard).find(IDS, role="root")) == IDS
    assert scrypts.count == len(KEYS)
    assert scrypts.together > 1


def test_a_backup_beside_the_original_is_not_opened_too(sealed: list[bytes], scrypts: Scrypts) -> None:
    files = {"root1.json": sealed[0], "root1-backup.json": sealed[0], "root2.json": sealed[1]}
    guard = Guard({"root1.json": "pass 0", "root1-backup.json": "pass 0", "root2.json": "pass 1"})
    ring = ring_of(files, guard)
    ring.find(IDS, role="root")
    count = scrypts.count
    later = ring_of(files, guard, ring.learned)
    assert sorted(ids(later.find(IDS[:2], role="root"))) == sorted(IDS[:2])
    assert scrypts.count - count == 2


def test_a_plain_copy_is_taken_before_an_encrypted_one(sealed: list[bytes], scrypts: Scrypts) -> None:
    first = ring_of({"a.json": sealed[0]}, Guard({"a.json": "pass 0"}))
    first.unlock("a.json")
    ring = ring_of({"a.json": sealed[0], "b.json": plain(KEYS[0])}, None, first.learned)
    assert ids(ring.find([IDS[0]], role="root")) == [IDS[0]]
    assert scrypts.count == 1


# --- ids


def test_a_repository_of_python_tufs_ids_is_signed_for() -> None:
    public = SSlibKey.from_crypto(KEYS[0].secret.public_key())
    assert public.keyid != IDS[0]
    for wanted in ([public.keyid], {public.keyid: public}):
        (key,) = ring_of({"root.json": plain(KEYS[0])}).find(wanted, role="root")
        assert key.keyid == public.keyid
        public.verify_signature(key.sign(b"payload"), b"payload")


def test_keys_are_found_under_free_form_ids_by_their_public_half(sealed: list[bytes]) -> None:
    public: Key = SSlibKey("alice", "ed25519", "ed25519", dict(KEYS[0].public_key.keyval))
    files, guard = {"root.json": sealed[0]}, Guard({"root.json": "pass 0"})
    first = ring_of(files, guard)
    later = ring_of(files, guard, {next(iter(_known(first, "root.json"))): KEYS[0].keyids})
    for ring in (first, later):
        (key,) = ring.find({"alice": public}, role="root")
        assert key.keyid == key.sign(b"payload").keyid == "alice"


def _known(ring: Keyring, name: str) -> Mapping[str, tuple[str, ...]]:
    ring.unlock(name)
    return ring.learned


def test_an_id_that_points_to_another_public_key_finds_nothing() -> None:
    other = generate().public_key
    assert ring_of({"root.json": plain(KEYS[0])}).find({IDS[0]: other}, role="root") == ()


def test_a_key_under_two_ids_signs_once() -> None:
    public = SSlibKey.from_crypto(KEYS[0].secret.public_key())
    found = ring_of({"root.json": plain(KEYS[0])}).find({IDS[0]: KEYS[0].public_key, public.keyid: public}, role="root")
    assert ids(found) == [IDS[0]]


def test_a_key_of_the_newer_p256_type_is_found_for_either() -> None:
    guard = Guard({"root.json": "seven"})
    ring = ring_of({"root.json": (KEY_FILES / "v0.7.0.json").read_bytes()}, guard)
    p256 = ring.unlock("root.json")[1]
    for form in p256.keyids:
        assert ids(ring.find([form], role="root")) == [form]


def test_other_kinds_of_key_in_the_metadata_do_not_disturb() -> None:
    from tuf.api.metadata import Key as AnyKey

    odd = SSlibKey("odd", "rsa", "rsassa-pss-sha512", dict(CryptoSigner.generate_rsa(size=2048).public_key.keyval))
    assert isinstance(odd, AnyKey)
    odd.keyval = {"identity": "somebody"}
    found = ring_of({"root.json": plain(KEYS[0])}).find({"odd": odd, IDS[0]: KEYS[0].public_key}, role="root")
    assert ids(found) == [IDS[0]]


# --- files that stay closed


def test_a_file_that_another_passphrase_seals_is_passed_over(sealed: list[bytes]) -> None:
    files = {"root1.json": sealed[0], "root2.json": sealed[1]}
    ring = ring_of(files, lambda request: Passphrase("pass 1"))
    assert ids(ring.find(IDS[:2], role="root")) == [IDS[1]]
    assert [(note.name, note.reason) for note in ring.notes] == [
        ("root1.json", "root1.json: the passphrase does not open it")
    ]


def test_a_passphrase_that_opens_nothing_is_an_error(sealed: list[bytes], scrypts: Scrypts) -> None:
    ring = ring_of({"root.json": sealed[0]}, lambda request: Passphrase("wrong"))
    with pytest.raises(WrongPassphrase, match=r"root\.json"):
        ring.find([IDS[0]], role="root")
    assert scrypts.count == 1  # the same source would say the same again


def test_without_any_passphrase_the_error_says_what_is_missing(sealed: list[bytes]) -> None:
    with pytest.raises(NoPassphrase, match=r"root\.json: a passphrase is needed"):
        ring_of({"root.json": sealed[0]}).find([IDS[0]], role="root")


def test_an_unrelated_file_that_stays_closed_is_told_but_no_error(sealed: list[bytes]) -> None:
    ring = ring_of({"targets.json": sealed[0]})
    assert ring.find([IDS[1]], role="root") == ()
    assert [note.name for note in ring.notes] == ["targets.json"]


def test_a_broken_file_does_not_hide_a_good_one() -> None:
    ring = ring_of({"root.json": b"{", "root2.json": plain(KEYS[0])})
    assert ids(ring.find([IDS[0], IDS[1]], role="root")) == [IDS[0]]
    assert [note.name for note in ring.notes] == ["root.json"]


def test_a_broken_file_alone_is_an_error() -> None:
    with pytest.raises(KeyFileRefused, match=r"^root\.json: not a key file"):
        ring_of({"root.json": b"{"}).find([IDS[0]], role="root")


def test_what_a_foreign_system_leaves_in_the_folder_is_no_key_file() -> None:
    ring = ring_of({"._root.json": b"\0", "root.json.123": b"x", "readme.txt": b"", "old/root.json": plain(KEYS[0])})
    assert ring.files() == ()


def test_a_person_may_try_again_and_is_told_the_attempt(sealed: list[bytes], scrypts: Scrypts) -> None:
    guard = Guard({"root.json": ["wrong", "pass 0"]}, asked=True)
    assert ids(ring_of({"root.json": sealed[0]}, guard).find([IDS[0]], role="root")) == [IDS[0]]
    assert [request.attempt for request in guard.requests] == [1, 2]
    assert scrypts.count == 2


def test_a_person_may_try_three_times(sealed: list[bytes], scrypts: Scrypts) -> None:
    guard = Guard({"root.json": ["wrong"] * 9}, asked=True)
    with pytest.raises(WrongPassphrase):
        ring_of({"root.json": sealed[0]}, guard).find([IDS[0]], role="root")
    assert [request.attempt for request in guard.requests] == [1, 2, 3]
    assert scrypts.count == 3


def test_a_person_leaves_a_file_closed_with_an_empty_answer(sealed: list[bytes]) -> None:
    guard = Guard({"root1.json": ["", "never asked"], "root2.json": ["pass 1"]}, asked=True)
    ring = ring_of({"root1.json": sealed[0], "root2.json": sealed[1]}, guard)
    assert ids(ring.find(IDS[:2], role="root")) == [IDS[1]]
    assert guard.files == ["root1.json", "root2.json"]


def test_an_empty_answer_opens_a_file_with_the_empty_passphrase() -> None:
    data = (KEY_FILES / "empty-passphrase.json").read_bytes()
    assert len(ring_of({"root.json": data}, Guard({"root.json": [""]}, asked=True)).unlock("root.json")) == 1


def test_a_person_is_not_asked_for_more_than_is_needed(sealed: list[bytes]) -> None:
    guard = Guard({f"root{number}.json": [f"pass {number}"] for number in range(5)}, asked=True)
    ring = ring_of({f"root{number}.json": data for number, data in enumerate(sealed)}, guard)
    assert ids(ring.find([IDS[1]], role="root")) == [IDS[1]]
    assert guard.files == ["root0.json", "root1.json"]


def test_unlocking_one_file_says_why_it_stays_closed(sealed: list[bytes]) -> None:
    with pytest.raises(WrongPassphrase):
        ring_of({"root.json": sealed[0]}, lambda request: Passphrase("wrong")).unlock("root.json")
    with pytest.raises(TufkeepError, match="not found"):
        ring_of({}).unlock("root.json")


# --- what lies there


def test_files_are_told_without_opening_any(sealed: list[bytes], scrypts: Scrypts) -> None:
    ring = ring_of({"root.json": sealed[0], "targets.json": plain(KEYS[1]), "odd.json": b"[]"})
    told = {info.name: info for info in ring.files()}
    assert list(told) == ["odd.json", "root.json", "targets.json"]
    assert (told["root.json"].encrypted, told["root.json"].keyids) == (True, None)
    assert (told["targets.json"].encrypted, told["targets.json"].keyids) == (False, KEYS[1].keyids)
    assert "not a key file" in (told["odd.json"].fault or "")
    assert scrypts.count == 0


def test_loose_modes_are_told() -> None:
    modes = {".": 0o755, "root.json": 0o600, "targets.json": 0o644}
    store = store_of({"root.json": plain(KEYS[0]), "targets.json": plain(KEYS[1])})
    ring = Keyring(folder_of(store, modes.get), passphrases=None)
    assert [(loose.name, loose.found) for loose in ring.warnings()] == [(".", 0o755), ("targets.json", 0o644)]


def test_a_drive_without_modes_is_not_complained_about() -> None:
    assert ring_of({"root.json": plain(KEYS[0])}).warnings() == ()


# --- writing


@pytest.mark.parametrize(
    ("taken", "numbered", "name"),
    [
        ([], False, "root.json"),
        ([], True, "root1.json"),
        (["root.json"], False, "root2.json"),
        (["root.json"], True, "root2.json"),
        (["root1.json"], True, "root2.json"),
        (["root1.json", "root3.json"], True, "root4.json"),
        (["root1.json", "root2.json", "root3.json"], False, "root4.json"),
        (["Root.JSON"], False, "root2.json"),
        (["root.json.bak", "roots.json", "xroot.json", "root-old.json"], False, "root.json"),
        (["targets.json"], False, "root.json"),
    ],
)
def test_a_new_key_gets_the_next_name_of_its_role(taken: list[str], numbered: bool, name: str) -> None:
    assert next_name("root", taken, numbered=numbered) == name


def test_a_role_with_a_slash_stays_in_the_folder() -> None:
    assert next_name("a/b", []) == "a%2Fb.json"
    assert "/" not in next_name("../../etc", [])


def test_added_keys_get_a_file_each_and_are_found_again(scrypts: Scrypts) -> None:
    store = MemoryStore()
    ring = Keyring(folder_of(store), passphrases=None)
    names = [ring.add(KEYS[number], role="root", passphrase=Passphrase("p"), numbered=True) for number in range(2)]
    names.append(ring.add(KEYS[2], role="targets", passphrase=Passphrase("q")))
    assert names == ["root1.json", "root2.json", "targets.json"]
    assert [entry.name for entry in store.list()] == [f"keys/{name}" for name in names]
    assert ids(ring.find(IDS[:2], role="root")) == IDS[:2]  # nobody asks again for what was just typed
    assert scrypts.count == 3
    assert sorted(ring.learned.values()) == sorted(key.keyids for key in KEYS[:3])
    assert ids(parse_key_file(store.read("keys/targets.json")).open(Passphrase("q"))) == [IDS[2]]


def test_added_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    held = KeyFolder(store=store, prefix="keys/", modes=modes_below(tmp_path / "keys"))
    ring = Keyring(held, passphrases=None)
    ring.add(KEYS[0], role="root", passphrase=None)
    ring.add_to("root.json", KEYS[1], passphrase=None)
    assert (tmp_path / "keys" / "root.json").stat().st_mode & 0o777 == 0o600
    assert ring.warnings() == ()


def test_a_key_is_not_left_open_by_an_empty_passphrase() -> None:
    store = MemoryStore()
    with pytest.raises(EmptyPassphrase):
        Keyring(folder_of(store), passphrases=None).add(KEYS[0], role="root", passphrase=Passphrase(""))
    assert not list(store.list())


def test_a_key_goes_to_the_file_that_was_named_but_never_over_another() -> None:
    store = MemoryStore()
    ring = Keyring(folder_of(store), passphrases=None)
    assert ring.add(KEYS[0], role="root", passphrase=None, name="root7.json") == "root7.json"
    with pytest.raises(ObjectExists):
        ring.add(KEYS[1], role="root", passphrase=None, name="root7.json")
    assert store.read("keys/root7.json") == plain(KEYS[0])


def test_a_key_is_left_open_when_that_is_asked_for() -> None:
    store = MemoryStore()
    ring = Keyring(folder_of(store), passphrases=None)
    ring.add(KEYS[0], role="root", passphrase=None)
    assert store.read("keys/root.json") == plain(KEYS[0])
    assert ring.learned == {}


def test_a_file_that_appeared_meanwhile_is_not_written_over() -> None:
    class EmptyJustNow(KeyFolder):
        """As it was before somebody else wrote a file."""

        def names(self) -> list[str]:
            return []

    store = store_of({"root.json": b"somebody else's"})
    folder = EmptyJustNow(store=store, prefix="keys/")
    with pytest.raises(ObjectExists):
        Keyring(folder, passphrases=None).add(KEYS[0], role="root", passphrase=None)
    assert store.read("keys/root.json") == b"somebody else's"


def test_a_key_joins_the_others_in_a_file(sealed: list[bytes]) -> None:
    store = store_of({"root.json": sealed[0]})
    ring = Keyring(folder_of(store), passphrases=None)
    ring.add_to("root.json", KEYS[1], passphrase=Passphrase("pass 0"))
    assert ids(parse_key_file(store.read("keys/root.json")).open(Passphrase("pass 0"))) == IDS[:2]
    assert ids(ring.find(IDS[:2], role="root")) == IDS[:2]


def test_a_changed_passphrase_opens_the_file_and_the_old_one_no_longer(sealed: list[bytes], scrypts: Scrypts) -> None:
    store = store_of({"root.json": sealed[0]})
    ring = Keyring(folder_of(store), passphrases=None)
    ring.change_passphrase("root.json", old=Passphrase("pass 0"), new=Passphrase("new"))
    assert scrypts.count == 2
    changed = parse_key_file(store.read("keys/root.json"))
    assert ids(changed.open(Passphrase("new"))) == [IDS[0]]
    with pytest.raises(WrongPassphrase):
        changed.open(Passphrase("pass 0"))


def test_a_file_that_was_opened_is_sealed_anew_without_asking_again(sealed: list[bytes], scrypts: Scrypts) -> None:
    store, guard = store_of({"root.json": sealed[0]}), Guard({"root.json": "pass 0"})
    ring = Keyring(folder_of(store), passphrases=guard)
    ring.unlock("root.json")
    ring.reseal("root.json", Passphrase("new"))
    assert guard.files == ["root.json"]
    assert scrypts.count == 2
    assert ids(parse_key_file(store.read("keys/root.json")).open(Passphrase("new"))) == [IDS[0]]


def test_a_file_that_stays_closed_is_not_sealed_anew(sealed: list[bytes]) -> None:
    store = store_of({"root.json": sealed[0]})
    with pytest.raises(NoPassphrase):
        Keyring(folder_of(store), passphrases=None).reseal("root.json", Passphrase("new"))
    assert store.read("keys/root.json") == sealed[0]


def test_a_plain_file_gets_a_passphrase() -> None:
    store = store_of({"root.json": plain(KEYS[0])})
    Keyring(folder_of(store), passphrases=None).change_passphrase("root.json", old=None, new=Passphrase("new"))
    assert parse_key_file(store.read("keys/root.json")).encrypted


def test_a_plain_file_is_sealed_anew_without_asking() -> None:
    store = store_of({"root.json": plain(KEYS[0])})
    Keyring(folder_of(store), passphrases=None).reseal("root.json", Passphrase("new"))
    assert ids(parse_key_file(store.read("keys/root.json")).open(Passphrase("new"))) == [IDS[0]]


@pytest.mark.parametrize(("old", "new"), [("wrong", "new"), ("pass 0", "")])
def test_a_passphrase_that_cannot_be_changed_leaves_the_file_alone(sealed: list[bytes], old: str, new: str) -> None:
    store = store_of({"root.json": sealed[0]})
    with pytest.raises((WrongPassphrase, EmptyPassphrase)):
        Keyring(folder_of(store), passphrases=None).change_passphrase(
            "root.json", old=Passphrase(old), new=Passphrase(new)
        )
    assert store.read("keys/root.json") == sealed[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda ring: ring.change_passphrase("root.json", old=Passphrase("pass 0"), new=Passphrase("new")),
        lambda ring: ring.reseal("root.json", Passphrase("new")),
        lambda ring: ring.add_to("root.json", KEYS[2], passphrase=Passphrase("pass 0")),
    ],
)
def test_what_was_written_meanwhile_is_not_lost(sealed: list[bytes], change: Callable[[Keyring], None]) -> None:
    class Meanwhile(MemoryStore):
        def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, str]:
            read = super().read_tagged(name, limit=limit)
            self.write(name, sealed[1])
            return read

    store = Meanwhile()
    store.write("keys/root.json", sealed[0])
    with pytest.raises(ObjectChanged):
        change(Keyring(folder_of(store), passphrases=Guard({"root.json": "pass 0"})))
    assert MemoryStore.read_tagged(store, "keys/root.json")[0] == sealed[1]


# --- the real thing


@pytest.mark.parametrize("name", ["rotated", "three-root-keys", "releaser", "fresh", "fresh-plain", "cs-false"])
def test_the_keys_of_every_role_are_found_in_the_repositories_of_go_tuf(name: str) -> None:
    base = REPOSITORIES / name
    root = json.loads(_newest_root(base).read_bytes())["signed"]
    listing = base / "passphrases.txt"
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    passphrases = {file.removeprefix("keys/"): text for file, _, text in (line.partition(" ") for line in lines)}
    files = {path.name: path.read_bytes() for path in (base / "keys").glob("*.json")}
    ring = ring_of(files, Guard(passphrases))
    for role in ("root", "targets", "snapshot", "timestamp"):
        if role == "root" and name == "releaser":
            continue  # a releaser has no root key
        wanted = root["roles"][role]["keyids"]
        assert set(wanted) >= set(ids(ring.find(wanted, role=role))) != set(), role


def _newest_root(base: Path) -> Path:
    staged = base / "staged" / "root.json"
    return staged if staged.exists() else base / "repository" / "root.json"
