"""Changes of one file at random: of members, types, letters, numbers, keys, signatures, and of its bytes.

What comes out is mostly refused by everybody. What is not is the point: two readers may take two things out of it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.interop.differ.case import ROLES, Case, case, entry, keyid, public
from tests.interop.differ.text import Obj, Raw, tree

NAMES = (
    *("_type", "spec_version", "version", "expires", "custom", "keys", "roles", "consistent_snapshot", "meta"),
    *("targets", "delegations", "length", "hashes", "keyids", "threshold", "name", "paths", "path_hash_prefixes"),
    *("terminating", "succinct_roles", "keytype", "scheme", "keyval", "public", "private", "keyid_hash_algorithms"),
    *("signatures", "signed", "keyid", "sig", "sha256", "sha512", "x", "", "__proto__", "constructor", "toString", "1"),
    *("a\0b", "\ufeff", "\u2028", "\U0001f600", "e\u0301", "\ud800", "md5", "SHA256", "blake2b-256", "bit_length"),
)
PATHS = (
    *(
        "app",
        "team/tool",
        "team/new",
        "team/.new",
        "a//b",
        "./a",
        "a/../b",
        "/a",
        "a/",
        "",
        "a b",
        "a\\b",
        "%61pp",
        "a?b",
    ),
    *("a#b", "App", "caf\u00e9", "cafe\u0301", "\u212a", "a\0b", "a\nb", "\U0001f600", "__proto__", "constructor", "1"),
    *("toString", "con", "team", "team/", "dir", "dir/app/x", "\ufeffapp", "~", ".", "..", "*", "team/*"),
)
PATTERNS = (
    *(
        "*",
        "team/*",
        "**",
        "team/**",
        "*/*",
        "team/?ool",
        "team/[t]ool",
        "team/[!x]ool",
        "team/[^x]ool",
        "team/{tool,x}",
    ),
    *(
        "!team/*",
        "#team",
        "team/+(tool)",
        "team/@(tool|x)",
        "team\\/tool",
        "team/\\tool",
        "/team/*",
        "team//tool",
        "TEAM/*",
    ),
    *("", "team/t*", "team/*l", "team/.*", "./team/*", "team/[", "team/[]", "team/***", "t*", "?eam/*", "app", "*tool"),
)
NUMBERS = (
    *(
        "0",
        "1",
        "2",
        "-1",
        "-0",
        "1.0",
        "2.0",
        "2e0",
        "1e3",
        "0.5",
        "1E400",
        "01",
        "+1",
        "0x1",
        "2147483648",
        "4294967298",
    ),
    *("9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808"),
    *("18446744073709551618", "1" + "0" * 30, "NaN", "Infinity"),
)
DATES = (
    *("2090-01-31T12:00:00z", "2090-01-31t12:00:00Z", "2090-01-31T12:00:00.5Z", "2090-01-31T12:00:00+00:00"),
    *(
        "2090-01-31T24:00:00Z",
        "2090-02-30T12:00:00Z",
        "2090-01-31T12:00:60Z",
        "2090-1-31T12:00:00Z",
        "1990-01-31T12:00:00Z",
    ),
    *(
        "9999-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2090-01-31",
        "",
    ),
    *(
        "2090-01-31T12:00:00",
        " 2090-01-31T12:00:00Z",
        "2090-01-31T12:00:00Z\n",
        "\u0662090-01-31T12:00:00Z",
        "2096-02-29T00:00:00Z",
    ),
    *("2090-01-31 12:00:00Z", "2089-02-29T12:00:00Z", "2090-04-31T00:00:00Z"),
)
VERSIONS = (
    "1",
    "1.0",
    "1.0.0",
    "1.0.99",
    "1.1",
    "1.1.0",
    "2.0.0",
    "0.9",
    "1.0.31-x",
    "v1.0",
    "1.0.1.1",
    "01.0.0",
    "1.0.99999",
)
SPELLINGS = {"s": "S\u017f", "k": "K\u212a"}


def random_case(random: Random) -> Case:
    """Return a case with one change, now and then with two."""
    role = random.choice(ROLES)
    notes: list[str] = []
    part = random.choices(("signed", "envelope", "data", "spelling"), (16, 3, 1, 2))[0]

    def edit(signed: Obj) -> None:
        for _ in range(random.choice((1, 1, 1, 2))):
            notes.append(_change(random, signed))

    def spell(file: Obj) -> None:
        notes.append(_spelled_otherwise(random, file))

    after: dict[str, Any] = {}
    if part == "envelope":
        after["envelope"] = lambda file: notes.append(_change_envelope(random, file))
    elif part == "data":
        after["data"] = lambda data: _change_data(random, data, notes)
    elif part == "spelling":
        after["envelope"] = spell
    made = case(role, "", edit if part == "signed" else _nothing, consistent=random.random() < 0.8, **after)
    return replace(made, change="; ".join(notes), warm=random.random() < 0.5)


def _nothing(signed: Obj) -> None:
    pass


Place = tuple[Any, Any, str]  # holder, number in it, the way there


def places(node: Any, way: str = "") -> list[Place]:
    """Return every member and element below a node."""
    found: list[Place] = []
    if isinstance(node, Obj):
        for at, (name, value) in enumerate(node):
            found += [(node, at, f"{way}.{name}"), *places(value, f"{way}.{name}")]
    elif isinstance(node, list):
        for at, value in enumerate(node):
            found += [(node, at, f"{way}.{at}"), *places(value, f"{way}.{at}")]
    return found


_RICH = ("delegations", "targets", "keys", "keyids", "meta", "hashes", "paths")


def _change(random: Random, node: Any) -> str:
    known = places(node)
    if random.random() < 0.4:
        known = [place for place in known if place[2].rpartition(".")[2] in _RICH] or known
    holder, at, way = random.choice(known)
    if random.random() < 0.7 and (special := _special(random, holder, at, way)):
        return f"{way[1:]!a}: {special}"
    if isinstance(holder, Obj):
        return f"{way[1:]!a}: {_change_member(random, holder, at)}"
    return f"{way[1:]!a}: {_change_element(random, holder, at)}"


def _special(random: Random, holder: Any, at: int, way: str) -> str:
    """Change a value to one that means something in its place."""
    name = way.rpartition(".")[2]
    value = holder[at][1] if isinstance(holder, Obj) else holder[at]
    pools: dict[str, tuple[Any, ...]] = {
        "expires": DATES,
        "spec_version": VERSIONS,
        "_type": ("Root", "TARGETS", "timestamp", "snapshot", "targets", "root", "mirrors"),
        "scheme": ("rsassa-pss-sha256", "ED25519", "ecdsa-sha2-nistp256"),
        "keytype": ("rsa", "ED25519", "ecdsa", "sphincs"),
        "paths": ([], None, ["team/*", "*"], *([pattern] for pattern in PATTERNS)),
        "terminating": (True, False, None, 0, 1, "true"),
        "consistent_snapshot": (True, False, None, 0, 1, "true"),
        "public": (public("targets", 0)["keyval"]["public"], public("team", 1)["keyval"]["public"], "", "00" * 32),
        "delegations": (None, {}, {"keys": {}, "roles": []}, {"keys": {}}, {"keys": {}, "roles": None}),
        "hashes": ({}, None, {"md5": "00" * 16}, {"sha256": ""}),
        "keys": ({}, None),
        "roles": ([], None, {}),
        "targets": ({}, None, []),
        "meta": ({}, None),
        "threshold": (0, 1, 2, 3, 100, -1, None, True),
        "version": (0, 1, 2, 3, None, True),
        "length": (0, 1, 4, None, -1, 10**6),
        "name": ("1", "targets", "root", "Team", "team ", "../team", "a/b", "", "__proto__", "team\0", "constructor"),
    }
    if name == "targets" and isinstance(value, Obj) and random.random() < 0.9:
        path = random.choice(PATHS)
        value.insert(random.randrange(len(value) + 1), (path, tree(entry(b"tool"))))
        return f"lists {path!a}"
    if name == "delegations" and isinstance(value, Obj) and random.random() < 0.9:
        return _delegate(random, value)
    if name == "keys" and isinstance(value, Obj) and random.random() < 0.8:
        return _another_key(random, value)
    if name == "keyids" and isinstance(value, list) and random.random() < 0.8:
        value.insert(
            random.randrange(len(value) + 1), random.choice((keyid("root", 0), value[0] if value else "", "x", ""))
        )
        return "one more keyid"
    if name == "meta" and isinstance(value, Obj) and random.random() < 0.8:
        listed = random.choice(
            ("x.json", "x", "", "Team.json", "a/b.json", "../x.json", "__proto__", "root.json", "1.x.json")
        )
        value.append((listed, tree({"version": 1})))
        return f"lists {listed!a}"
    if name == "hashes" and isinstance(value, Obj) and random.random() < 0.7:
        added = random.choice(("md5", "SHA256", "sha384", "blake2b-256", "sha512/256", "", "sha3-256", "__proto__"))
        value.insert(random.randrange(len(value) + 1), (added, random.choice(("", "ab" * 32, "AB" * 32, "zz", 1))))
        return f"one more hash {added!a}"
    if name not in pools:
        return ""
    new = copy.deepcopy(random.choice(pools[name]))
    _set(holder, at, tree(new))
    return f"is {new!a}"


def _delegate(random: Random, delegations: Obj) -> str:
    """Let one more role be delegated to: the same file under another rule, or none."""
    roles = next((value for name, value in delegations if name == "roles"), None)
    if not isinstance(roles, list) or not roles or not isinstance(roles[0], Obj):
        return "no roles"
    added = roles[0] if random.random() < 0.5 else copy.deepcopy(roles[0])
    name = added["name"] if added is roles[0] else random.choice(("other", "1", "0", "x/y", "__proto__", "Team"))
    added.put("name", name)
    rule = random.choice(("paths", "both", "neither", "prefixes"))
    added[:] = [member for member in added if member[0] != "paths"]
    patterns = random.sample(PATTERNS, random.choice((1, 2)))
    if rule in ("paths", "both"):
        added.put("paths", patterns)
    if rule in ("prefixes", "both"):
        added.put("path_hash_prefixes", random.choice(([""], ["0", "1"], [], ["AB"], ["x"])))
    added.put("terminating", random.random() < 0.3)
    if added is not roles[0]:
        roles.insert(random.randrange(len(roles) + 1), added)
    return f"one more role {name!a} by {rule}, {patterns!a}"


def _another_key(random: Random, keys: Obj) -> str:
    made: dict[str, Any] = public("other", 0)
    member, value = random.choice(
        (
            ("x", 1),
            ("keyid_hash_algorithms", ["sha256"]),
            ("keyid_hash_algorithms", "sha256"),
            ("keytype", "rsa"),
            ("scheme", "unknown"),
            ("keyval", {"public": made["keyval"]["public"].upper()}),
            ("keyval", {"public": made["keyval"]["public"], "private": ""}),
            ("keyval", {"public": made["keyval"]["public"], "x": None}),
            ("keyval", {"public": "00"}),
            ("keyval", None),
        )
    )
    made[member] = value
    name = random.choice((keyid("other", 0), "x", keyid("other", 0).upper(), ""))
    keys.insert(random.randrange(len(keys) + 1), (name, tree(made)))
    return f"one more key {name[:8]!a} with {member} {value!a}"


def _change_member(random: Random, holder: Obj, at: int) -> str:
    name, value = holder[at]
    kind = random.choice(("add", "fold", "rename", "twice", "remove", "value", "value", "swap", "spell"))
    if kind == "add":
        added = random.choice(NAMES)
        new = _any(random)
        holder.insert(random.randrange(len(holder) + 1), (added, new))
        return f"beside it {added!a} = {_short(new)}"
    if kind == "fold":
        added = _folded(random, name)
        new = copy.deepcopy(value) if random.random() < 0.5 else _any(random)
        holder.insert(random.randrange(len(holder) + 1), (added, new))
        return f"beside it {added!a} = {_short(new)}"
    if kind == "rename":
        added = random.choice((_folded(random, name), random.choice(NAMES)))
        holder[at] = (added, value)
        return f"is called {added!a}"
    if kind == "twice":
        new = _any(random) if random.random() < 0.5 else _near(random, value)
        holder.insert(random.choice((at, at + 1)), (name, new))
        return f"twice, {_short(new)}"
    if kind == "remove":
        del holder[at]
        return "is missing"
    if kind == "swap":
        other = random.randrange(len(holder))
        holder[at], holder[other] = (name, holder[other][1]), (holder[other][0], value)
        return f"has the value of {holder[other][0]!a}"
    if kind == "spell":
        holder[at] = (_escaped(random, name), value)
        return "name with an escape"
    new = _near(random, value)
    holder[at] = (name, new)
    return f"is {_short(new)}"


def _change_element(random: Random, holder: list[Any], at: int) -> str:
    kind = random.choice(("value", "twice", "remove", "add", "reverse"))
    if kind == "twice":
        holder.insert(random.choice((at, len(holder))), copy.deepcopy(holder[at]))
        return "twice"
    if kind == "remove":
        del holder[at]
        return "is missing"
    if kind == "reverse":
        holder.reverse()
        return "reversed"
    new = _any(random) if kind == "add" else _near(random, holder[at])
    if kind == "add":
        holder.insert(at, new)
    else:
        holder[at] = new
    return f"{kind} {_short(new)}"


def _set(holder: Any, at: int, value: Any) -> None:
    holder[at] = (holder[at][0], value) if isinstance(holder, Obj) else value


def _any(random: Random) -> Any:
    pool: list[Callable[[], Any]] = [
        lambda: random.choice((None, True, False, 0, 1, "", "x", "1")),
        lambda: Raw(random.choice(NUMBERS)),
        lambda: random.choice(([], [None], ["team/*"], [[]])),
        lambda: tree(random.choice(({}, {"x": 1}, {"__proto__": 1}, {"sha256": "ab" * 32}))),
        lambda: random.choice(DATES),
        lambda: Raw('"' + random.choice(("\\ud800", "\\u0000", "\\/", "\\u2028", "\\x", "\t", "\\ud83d\\ude00")) + '"'),
    ]
    return random.choice(pool)()


def _near(random: Random, value: Any) -> Any:
    """Return a value much like another one."""
    if random.random() < 0.25:
        return _any(random)
    if isinstance(value, bool):
        return random.choice((not value, int(value), str(value).lower(), None))
    if isinstance(value, int):
        return Raw(random.choice((*NUMBERS, f"{value}.0", f"{value}e0", f'"{value}"', str(value + 1), f"{value}0e-1")))
    if isinstance(value, str):
        return _near_text(random, value)
    if isinstance(value, Obj):
        changed: Any = Obj(value)
        random.shuffle(changed)
        return random.choice((changed, Obj(value[:-1]), [value], None, list(map(list, value))))
    if not isinstance(value, list):
        return _any(random)
    return random.choice((None, [], [*value, *value], value[::-1], tree({}), value[0] if value else ""))


def _near_text(random: Random, value: str) -> Any:
    at = random.randrange(len(value) + 1)
    return random.choice(
        (
            value.upper(),
            value.capitalize(),
            value[:-1],
            value + value[-1:],
            f"{value} ",
            f" {value}",
            f"{value}\n",
            f"{value[:at]}\0{value[at:]}",
            f"{value[:at]}\u200b{value[at:]}",
            f"{value[:at]}{random.choice('0aZ*?[{!.%/')}{value[at + 1 :]}",
            f"0x{value}",
            _escaped(random, value),
            _folded(random, value),
            "",
            [value],
            None,
        )
    )


def _folded(random: Random, name: str) -> str:
    """Return a text that Go takes for another one."""
    if not name:
        return "\u017f"
    at = random.randrange(len(name))
    with_look_alike = [number for number, letter in enumerate(name) if letter.lower() in SPELLINGS]
    if with_look_alike and random.random() < 0.5:
        at = random.choice(with_look_alike)
    other = random.choice(SPELLINGS.get(name[at].lower(), name[at].swapcase()) or name[at])
    return f"{name[:at]}{other}{name[at + 1 :]}"


def _escaped(random: Random, value: str) -> Any:
    """Return the same text spelled with an escape."""
    if not value:
        return value
    at = random.randrange(len(value))
    if ord(value[at]) > 0xFFFF:
        return value
    head, tail = (json.dumps(part, ensure_ascii=False)[1:-1] for part in (value[:at], value[at + 1 :]))
    return Raw(f'"{head}\\u{ord(value[at]):04{random.choice("xX")}}{tail}"')


def _spelled_otherwise(random: Random, file: Obj) -> str:
    """Spell something in a signed file otherwise: to a reader of JSON the value is the same, and the signature good."""
    holder, at, way = random.choice(places(file))
    name, value = holder[at] if isinstance(holder, Obj) else ("", holder[at])
    if isinstance(value, str) and random.random() < 0.6:
        _set(holder, at, _escaped(random, value))
    elif type(value) is int:
        _set(holder, at, Raw(random.choice((f"{value}.0", f"{value}e0", f"{value}0E-1", f"0{value}", f"{value}.00"))))
    elif isinstance(holder, Obj):
        kind = random.choice(("escape", "before", "after"))
        if kind == "escape":
            holder[at] = (_escaped(random, name), value)
        elif kind == "before":
            holder.insert(at, (name, _near(random, value)))
        else:
            holder.insert(random.randrange(len(holder) + 1), (_folded(random, name), _near(random, value)))
    return f"{way[1:]!a} spelled otherwise"


def _change_envelope(random: Random, file: Obj) -> str:
    """Change what no signature covers."""
    signatures = file["signatures"]
    pool: list[Callable[[], Any]] = [
        lambda: signatures.append(copy.deepcopy(random.choice(signatures))),
        lambda: signatures.insert(0, tree({"keyid": keyid("root", 0), "sig": "00" * 64})),
        lambda: signatures.append(
            tree({"keyid": random.choice(("x", "", "\u017f", "a" * 64)), "sig": random.choice(("", "00"))})
        ),
        lambda: signatures.append(tree({"keyid": "b" * 64, "sig": random.choice(("zz", "0", None, "AB", 1))})),
        lambda: signatures.append(random.choice((None, 1, "x", [], tree({}), tree({"keyid": "x"})))),
        lambda: signatures[0].put("method", "ed25519"),
        lambda: signatures[0].put(random.choice(("Sig", "\u017fig", "KEYID", "\u212aeyid", "x")), "00"),
        lambda: signatures[0].put("sig", signatures[0]["sig"].upper()),
        lambda: signatures[0].put("keyid", signatures[0]["keyid"].upper()),
        lambda: file.put("signatures", random.choice((None, [], tree({}), ""))),
        lambda: file.append(
            (random.choice(("Signed", "\u017figned", "SIGNATURES", "x", "signed", "signatures")), _any(random))
        ),
        lambda: file.insert(0, (random.choice(("Signed", "\u017figned", "SIGNATURES", "x", "signed")), _any(random))),
        file.reverse,
        lambda: signatures.reverse(),
        lambda: signatures.pop(),
    ]
    number = random.randrange(len(pool))
    pool[number]()
    return f"envelope change {number}"


def _change_data(random: Random, data: bytes, notes: list[str]) -> bytes:
    pool = (
        b"\xef\xbb\xbf" + data,
        data + b"\n",
        data + b" x",
        data + b"\0",
        data + data,
        data + b"{}",
        b"\n\t " + data,
        b"\x0b" + data,
        data + b"\x0c",
        data.decode().encode("utf-16"),
        data.decode().encode("utf-16-le"),
        json.dumps(json.loads(data), indent=1).encode(),
        data.replace(b'"_type"', b'/* */"_type"'),
        data[:-1] + b",}",
        data.replace(b'"expires"', b'"x":"\xff","expires"'),
        data.replace(b'"expires"', b'"x":"\xed\xa0\x80","expires"'),
        data[:-1],
        b"[" + data + b"]",
    )
    number = random.randrange(len(pool))
    notes.append(f"bytes change {number}")
    return pool[number]


def _short(value: Any) -> str:
    return ascii(value)[:60]
