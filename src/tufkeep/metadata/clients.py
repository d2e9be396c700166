"""The clients in the field: what each of them makes of things that the specification allows, as data.

Every entry was seen with the real client where it can be run, else it is from the client's own code, which is named. A
client that is not in an entry reads the thing as the specification says.

Spec: TUF 1.0.34; go-tuf v0.5.2, go-tuf v2.4.2, python-tuf 7.0.1, tuf-js 5.0.1, tough of 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

OURS: Final = "tufkeep"
GO_OLD: Final = "go-tuf-v0.5.2"
GO: Final = "go-tuf-v2"
PYTHON: Final = "python-tuf"
JS: Final = "tuf-js"
TOUGH: Final = "tough"
CLIENTS: Final[Mapping[str, str]] = {
    GO_OLD: "go-tuf v0.5.2, and the agents that are built on it, such as orbit",
    GO: "go-tuf v2.4",
    PYTHON: "python-tuf 7",
    JS: "tuf-js 5",
    TOUGH: "tough, of Rust",
    OURS: "the client and the agent of tufkeep, which need no declaration",
}
DECLARABLE: Final = tuple(name for name in CLIENTS if name != OURS)
DEFAULT: Final = (GO_OLD, GO, PYTHON, JS)


class Happens(Enum):
    """What a client does with a thing that it does not read, as a sentence says it."""

    UNREADABLE = "the whole file is refused"
    LOST = "the delegated targets are never found"
    NOT_FOUND = "it is not found (404)"
    REFUSED = "the target is refused"
    SKIPPED = "it is ignored"
    CLASH = "only one of them can be kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one client makes of one thing."""

    happens: Happens
    source: str
    most: int | None = None  # bytes or roles that it still takes
    known: tuple[str, ...] = ()  # the only ones that it knows
    fails: re.Pattern[str] | None = None  # the names that it can't ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One thing that some client does not read."""

    id: str
    thing: str  # a phrase for the table
    by: Mapping[str, Reading]


def _sizes(happens: Happens, sources: Mapping[str, tuple[int, str]]) -> dict[str, Reading]:
    return {client: Reading(happens=happens, most=most, source=source) for client, (most, source) in sources.items()}


def _each(happens: Happens, sources: Mapping[str, str]) -> dict[str, Reading]:
    return {client: Reading(happens=happens, source=source) for client, source in sources.items()}


_GO_OLD_CLIENT, _GO_OLD_DATA = "go-tuf v0.5.2 client/client.go", "go-tuf v0.5.2 data/types.go"
_GO_CONFIG, _GO_CLIENT = "go-tuf v2.4.2 metadata/config/config.go", "go-tuf v2.4.2 metadata/updater/updater.go"
_PYTHON_CONFIG, _JS_CONFIG = "python-tuf tuf/ngclient/config.py", "tuf-js dist/config.js"
_TOUGH, _OURS = "tough src/lib.rs", "tufkeep client/limits.py"
_GO_OLD_FLOATS = "go-tuf v0.5.2 verify/verify.go: the signed bytes are made anew, with floats"
_JS_FLOATS = "tuf-js models dist/metadata.js: JSON.parse makes floats of numbers"
_ESCAPE = "%[0-9A-Fa-f]{2}"  # a web server decodes it to another name
_RAW_URL = re.compile(f"[#?]|{_ESCAPE}| $")  # what a URL is not made of, or loses

ROOT_SIZE: Final = Trait(
    id="root-size",
    thing="a root of more bytes",
    by=_sizes(
        Happens.UNREADABLE,
        {
            GO_OLD: (512_000, f"{_GO_OLD_CLIENT} defaultRootDownloadLimit"),
            GO: (512_000, f"{_GO_CONFIG} RootMaxLength"),
            PYTHON: (512_000, f"{_PYTHON_CONFIG} root_max_length"),
            JS: (512_000, f"{_JS_CONFIG} rootMaxLength"),
            TOUGH: (1 << 20, f"{_TOUGH} Limits max_root_size"),
            OURS: (512_000, f"{_OURS} root_bytes"),
        },
    ),
)
TIMESTAMP_SIZE: Final = Trait(
    id="timestamp-size",
    thing="a timestamp of more bytes",
    by=_sizes(
        Happens.UNREADABLE,
        {
            GO_OLD: (16_384, f"{_GO_OLD_CLIENT} defaultTimestampDownloadLimit"),
            GO: (16_384, f"{_GO_CONFIG} TimestampMaxLength"),
            PYTHON: (16_384, f"{_PYTHON_CONFIG} timestamp_max_length"),
            JS: (16_384, f"{_JS_CONFIG} timestampMaxLength"),
            TOUGH: (1 << 20, f"{_TOUGH} Limits max_timestamp_size"),
            OURS: (16_384, f"{_OURS} timestamp_bytes"),
        },
    ),
)
SNAPSHOT_SIZE: Final = Trait(
    id="snapshot-size",
    thing="a snapshot of more bytes, where the timestamp gives no length",
    by=_sizes(
        Happens.UNREADABLE,
        {
            GO: (2_000_000, f"{_GO_CONFIG} SnapshotMaxLength"),
            PYTHON: (2_000_000, f"{_PYTHON_CONFIG} snapshot_max_length"),
            JS: (2_000_000, f"{_JS_CONFIG} snapshotMaxLength"),
            TOUGH: (1 << 20, f"{_TOUGH} Limits max_snapshot_size"),
            OURS: (16_000_000, f"{_OURS} snapshot_bytes"),
        },
    ),
)
TARGETS_SIZE: Final = Trait(
    id="targets-size",
    thing="targets metadata of more bytes, where the snapshot gives no length",
    by=_sizes(
        Happens.UNREADABLE,
        {
            GO: (5_000_000, f"{_GO_CONFIG} TargetsMaxLength"),
            PYTHON: (5_000_000, f"{_PYTHON_CONFIG} targets_max_length"),
            JS: (5_000_000, f"{_JS_CONFIG} targetsMaxLength"),
            TOUGH: (10 << 20, f"{_TOUGH} Limits max_targets_size"),
            OURS: (40_000_000, f"{_OURS} targets_bytes"),
        },
    ),
)
LISTED_SIZE: Final = Trait(
    id="listed-size",
    thing="a snapshot or targets metadata of more bytes, whatever length is given",
    by=_sizes(Happens.UNREADABLE, {OURS: (256_000_000, f"{_OURS} metadata_bytes")}),
)
KEY_TYPE: Final = Trait(
    id="key-type",
    thing="a root that lists a key of another type, used or not",
    by={
        GO_OLD: Reading(
            happens=Happens.UNREADABLE,
            known=("ed25519", "ecdsa-sha2-nistp256", "rsa"),
            source="go-tuf v0.5.2 pkg/keys VerifierMap",
        ),
        PYTHON: Reading(
            happens=Happens.UNREADABLE,
            known=(
                "ed25519",
                "ecdsa",
                "ecdsa-sha2-nistp256",
                "ecdsa-sha2-nistp384",
                "ecdsa-sha2-nistp521",
                "rsa",
                "dsa",
                "eddsa",
                "ml-dsa",
            ),
            source="securesystemslib signer/_key.py KEY_FOR_TYPE_AND_SCHEME",
        ),
        GO: Reading(
            happens=Happens.SKIPPED,
            known=("ed25519", "ecdsa", "ecdsa-sha2-nistp256", "rsa"),
            source="go-tuf v2.4.2 metadata/keys.go ToPublicKey",
        ),
        JS: Reading(
            happens=Happens.SKIPPED,
            known=("ed25519", "ecdsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "rsa"),
            source="tuf-js models dist/utils/key.js getPublicKey",
        ),
        TOUGH: Reading(
            happens=Happens.UNREADABLE,
            known=("ed25519", "ecdsa", "ecdsa-sha2-nistp256", "rsa"),
            source="tough src/schema/key.rs Key",
        ),
    },
)
DELEGATED_KEY_TYPE: Final = Trait(
    id="delegated-key-type",
    thing="a delegation that lists a key of another type",
    by={
        GO_OLD: replace(KEY_TYPE.by[GO_OLD], happens=Happens.LOST, source="go-tuf v0.5.2 verify/db.go"),
        PYTHON: KEY_TYPE.by[PYTHON],
        TOUGH: KEY_TYPE.by[TOUGH],
    },
)
BIG_NUMBER: Final = Trait(
    id="big-number",
    thing="a whole number above 2^53, outside of the custom data of targets",
    by=_each(Happens.UNREADABLE, {GO_OLD: _GO_OLD_FLOATS, GO: "go-tuf v2.4.2 metadata/types.go", JS: _JS_FLOATS}),
)
BIG_CUSTOM: Final = Trait(
    id="big-custom",
    thing="a whole number above 2^53 in the custom data of a target",
    by=_each(Happens.UNREADABLE, {GO_OLD: _GO_OLD_FLOATS, JS: _JS_FLOATS}),
)
LISTED_HASH: Final = Trait(
    id="listed-hash",
    thing="a snapshot or timestamp that lists a hash of an algorithm other than sha256 and sha512",
    by=_each(
        Happens.UNREADABLE,
        {
            GO_OLD: "go-tuf v0.5.2 util/util.go ErrUnknownHashAlgorithm",
            GO: "go-tuf v2.4.2 metadata/metadata.go VerifyLengthHashes",
        },
    ),
)
TARGET_HASH: Final = Trait(
    id="target-hash",
    thing="a target with a hash of an algorithm other than sha256 and sha512",
    by=_each(
        Happens.REFUSED,
        {
            GO_OLD: "go-tuf v0.5.2 util/util.go ErrUnknownHashAlgorithm",
            GO: "go-tuf v2.4.2 metadata/metadata.go VerifyLengthHashes",
        },
    ),
)
NO_SHA256: Final = Trait(
    id="no-sha256",
    thing="a target without a sha256",
    by=_each(Happens.UNREADABLE, {TOUGH: "tough src/schema/mod.rs Hashes: sha256 is not optional"}),
)
TARGET_NAME: Final = Trait(
    id="target-name",
    thing="`#`, `?` or `%` in a target path, or a blank at its end",
    by={
        GO_OLD: Reading(
            happens=Happens.NOT_FOUND,
            fails=re.compile("[#?%]"),
            source="go-tuf v0.5.2 client/remote_store.go url: nothing is escaped",
        ),
        GO: Reading(happens=Happens.NOT_FOUND, fails=re.compile("[#?%]"), source=f"{_GO_CLIENT} DownloadTarget"),
        PYTHON: Reading(
            happens=Happens.NOT_FOUND,
            fails=re.compile(f"[#?]|^(?=.*%)(?:[^%]|{_ESCAPE})*$"),
            source="python-tuf tuf/ngclient/updater.py download_target; urllib3 escapes `%` that begins no escape",
        ),
        JS: Reading(happens=Happens.NOT_FOUND, fails=_RAW_URL, source="tuf-js dist/utils/url.js join"),
        TOUGH: Reading(happens=Happens.NOT_FOUND, fails=_RAW_URL, source="tough src/cache.rs fetch_target"),
    },
)
SUB_FOLDER: Final = Trait(
    id="sub-folder",
    thing="a target in a sub-folder, with consistent snapshots",
    by=_each(
        Happens.NOT_FOUND, {TOUGH: "tough src/cache.rs target_digest_and_filename: the hash goes before the folder"}
    ),
)
ROLE_NAME: Final = Trait(
    id="role-name",
    thing="`#`, `?` or `%` in the name of a delegated role",
    by={
        GO_OLD: Reading(
            happens=Happens.LOST, fails=re.compile("[#?%]"), source="go-tuf v0.5.2 client/remote_store.go url"
        )
    },
)
ROLE_FOLDER: Final = Trait(
    id="role-folder",
    thing="`/` in the name of a delegated role, with consistent snapshots",
    by={
        GO_OLD: Reading(happens=Happens.LOST, fails=re.compile("/"), source="go-tuf v0.5.2 util/util.go VersionedPath")
    },
)
HASH_PREFIXES: Final = Trait(
    id="hash-prefixes",
    thing="a delegation by `path_hash_prefixes`",
    by=_each(
        Happens.LOST, {GO: "go-tuf v2.4.2 metadata/metadata.go IsDelegatedPath: prefixes are compared with base64"}
    ),
)
SUCCINCT: Final = Trait(
    id="succinct-roles",
    thing="a delegation by `succinct_roles`",
    by={
        GO_OLD: Reading(happens=Happens.LOST, source=f"{_GO_OLD_DATA} Delegations has no such member"),
        TOUGH: Reading(happens=Happens.UNREADABLE, source="tough src/schema/mod.rs Delegations: roles is not optional"),
    },
)
DOT_NAME: Final = Trait(
    id="dot-name",
    thing="a delegated target with a `.` at the start of a name, where only a wildcard matches it",
    by=_each(Happens.LOST, {JS: "tuf-js models dist/role.js: minimatch without its option dot"}),
)
ROLES: Final = Trait(
    id="roles",
    thing="more delegated roles that speak of one target",
    by=_sizes(
        Happens.LOST,
        {
            GO_OLD: (31, "go-tuf v0.5.2 client/delegations.go MaxDelegations, targets included"),
            GO: (32, f"{_GO_CONFIG} MaxDelegations"),
            PYTHON: (32, f"{_PYTHON_CONFIG} max_delegations"),
            JS: (32, f"{_JS_CONFIG} maxDelegations"),
            OURS: (32, f"{_OURS} roles"),
        },
    ),
)
MEMBER_CASE: Final = Trait(
    id="member-case",
    thing="a member whose name differs from a known one in case, in a long s or in a Kelvin sign",
    by=_each(
        Happens.SKIPPED,
        {PYTHON: "python-tuf from_dict", JS: "tuf-js fromJSON", TOUGH: "serde"},
    ),
)
KEYID_TWICE: Final = Trait(
    id="keyid-twice",
    thing="two signatures with one keyid",
    by=_each(
        Happens.UNREADABLE,
        {
            GO: "go-tuf v2.4.2 metadata/marshal.go",
            PYTHON: "python-tuf tuf/api/metadata.py Metadata.from_dict",
            JS: "tuf-js models dist/metadata.js fromJSON",
            TOUGH: "tough src/schema/de.rs",
            OURS: "tufkeep metadata/readers.py",
        },
    ),
)
DATE: Final = Trait(
    id="date",
    thing="an `expires` with a fraction or an offset",
    by=_each(
        Happens.UNREADABLE,
        {PYTHON: "python-tuf tuf/api/_payload.py Signed._common_fields_from_dict", JS: "tuf-js models dist/base.js"},
    ),
)
FOLDER: Final = Trait(
    id="file-and-folder",
    thing="two target paths of which one is a folder of the other, such as `app` and `app/x`",
    by=_each(
        Happens.CLASH,
        {
            OURS: "tufkeep client/download.py: a target is kept under its path",
            TOUGH: "tough src/lib.rs save_target",
            GO_OLD: "orbit keeps a target under its path",
        },
    ),
)
LOOK_ALIKE: Final = Trait(
    id="look-alike",
    thing="two target paths that differ in case or Unicode form only, on Windows, macOS or a FAT drive",
    by=_each(
        Happens.CLASH,
        dict.fromkeys((GO_OLD, GO, PYTHON, JS, TOUGH, OURS), "the file system keeps one file for both names"),
    ),
)

TRAITS: Final[Sequence[Trait]] = (
    ROOT_SIZE,
    TIMESTAMP_SIZE,
    SNAPSHOT_SIZE,
    TARGETS_SIZE,
    LISTED_SIZE,
    KEY_TYPE,
    DELEGATED_KEY_TYPE,
    BIG_NUMBER,
    BIG_CUSTOM,
    LISTED_HASH,
    TARGET_HASH,
    NO_SHA256,
    MEMBER_CASE,
    KEYID_TWICE,
    DATE,
    TARGET_NAME,
    SUB_FOLDER,
    FOLDER,
    LOOK_ALIKE,
    HASH_PREFIXES,
    SUCCINCT,
    DOT_NAME,
    ROLES,
    ROLE_NAME,
    ROLE_FOLDER,
)


def concerned(trait: Trait, clients: Sequence[str]) -> Iterator[tuple[str, Reading]]:
    """Yield the declared clients, and ours, that do not read a thing."""
    for client, reading in trait.by.items():
        if client == OURS or client in clients:
            yield client, reading
