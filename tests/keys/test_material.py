"""Private keys are found by what they are, in whatever they are wrapped; and nothing else is taken for one."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import itertools
import json
import lzma
import os
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tufkeep.keys.keyfile import seal_key_file
from tufkeep.keys.material import PrivateMaterial, Unlooked
from tufkeep.keys.material.look import DEPTH, find_private_material
from tufkeep.keys.material.streams import Budget
from tufkeep.keys.passphrase import Passphrase
from tufkeep.keys.private import generate

PEM, DER, RAW = form.Encoding.PEM, form.Encoding.DER, form.Encoding.Raw
P8, OLD, SSH = form.PrivateFormat.PKCS8, form.PrivateFormat.TraditionalOpenSSL, form.PrivateFormat.OpenSSH


@cache
def keys() -> dict[str, bytes]:
    """Private keys by the form they are in."""
    ed = ed25519.Ed25519PrivateKey.generate()
    kinds = {
        "ed25519": ed,
        "P-256": ec.generate_private_key(ec.SECP256R1()),
        "P-521": ec.generate_private_key(ec.SECP521R1()),
        "RSA": rsa.generate_private_key(65537, 2048),
        "DSA": dsa.generate_private_key(1024),
    }
    found: dict[str, bytes] = {}
    for kind, key in kinds.items():
        found[f"{kind} PKCS#8 PEM"] = written(key, PEM, P8)
        found[f"{kind} PKCS#8 DER"] = written(key, DER, P8)
        found[f"{kind} sealed PEM"] = written(key, PEM, P8, closed=True)
        found[f"{kind} sealed DER"] = written(key, DER, P8, closed=True)
        if kind != "ed25519":
            found[f"{kind} old PEM"] = written(key, PEM, OLD)
            found[f"{kind} old DER"] = written(key, DER, OLD)
            found[f"{kind} old sealed PEM"] = written(key, PEM, OLD, closed=True)
        if kind != "DSA":
            found[f"{kind} OpenSSH"] = written(key, PEM, SSH)
    ours = [generate(), generate("ecdsa-sha2-nistp256"), generate("rsa", rsa_bits=2048)]
    found["key file"] = seal_key_file(ours[:1], Passphrase("only for a test"))
    found["key file, sorted and short"] = json.dumps(json.loads(found["key file"]), sort_keys=True).encode()
    found["key file in a string"] = json.dumps({"backup": found["key file"].decode()}).encode()
    for key in ours:
        found[f"plain {key.keytype} key file"] = seal_key_file([key], None)
    seed, public = ed.private_bytes_raw(), ed.public_key().public_bytes_raw()
    found["securesystemslib's"] = json.dumps({"keytype": "ed25519", "keyval": {"private": seed.hex()}}).encode()
    found["securesystemslib's, sealed"] = b"@@@@".join(
        (b"ab" * 16, b"100000", b"cd" * 32, b"ef" * 16, b"01" * 200)  # what tufup keeps
    )
    url = base64.urlsafe_b64encode(seed).rstrip(b"=").decode()
    found["JWK"] = json.dumps({"kty": "OKP", "crv": "Ed25519", "d": url, "x": url}).encode()
    found["JWK in a set"] = json.dumps({"keys": [{"d": url, "kty": "EC", "crv": "P-256"}]}, indent=2).encode()
    found["raw ed25519"] = seed + public
    sealed = form.BestAvailableEncryption(b"x")
    found["PKCS#12"] = serialize_key_and_certificates(b"x", generate("rsa", rsa_bits=2048).secret, None, None, sealed)
    found["minisign"] = comment("minisign encrypted secret key", b"EdScB2" + os.urandom(152))
    found["minisign, open"] = comment("minisign secret key", b"Ed\0\0B2" + os.urandom(152))
    found["signify"] = comment("signify secret key", b"EdBK" + bytes(4) + os.urandom(96))
    found["age"] = b"# created: today\nAGE-SECRET-KEY-1" + b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2 + b"\n"
    found["PuTTY"] = (
        b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 2\n"
        + base64.b64encode(os.urandom(60))
        + b"\nPrivate-Lines: 1\n"
        + base64.b64encode(seed)
    )
    armour = base64.encodebytes(os.urandom(400))
    found["OpenPGP"] = (
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: x\n\n" + armour + b"-----END PGP PRIVATE KEY BLOCK-----"
    )
    found["OpenPGP binary"] = b"\x94\x58\x04" + struct.pack(">I", 1_700_000_000) + b"\x16" + os.urandom(90)
    found["cosign"] = (
        b"-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n" + armour + b"-----END ENCRYPTED COSIGN PRIVATE KEY-----"
    )
    found["Java key store"] = java_store(1)
    return found


def written(key: object, encoding: form.Encoding, kind: form.PrivateFormat, *, closed: bool = False) -> bytes:
    how: form.KeySerializationEncryption = form.BestAvailableEncryption(b"x") if closed else form.NoEncryption()
    return key.private_bytes(encoding, kind, how)  # type: ignore[attr-defined, no-any-return]


def comment(text: str, data: bytes) -> bytes:
    return b"untrusted comment: " + text.encode() + b"\n" + base64.b64encode(data) + b"\n"


def java_store(kind: int) -> bytes:
    entry = struct.pack(">IH", kind, 1) + b"a" + bytes(8)
    certificate = struct.pack(">H", 5) + b"X.509" + struct.pack(">I", 300) + os.urandom(300)
    trusted = struct.pack(">IH", 2, 1) + b"b" + bytes(8) + certificate
    return b"\xfe\xed\xfe\xed" + struct.pack(">II", 2, 2) + trusted + entry + certificate


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("readme", b"nothing")
        archive.writestr("holiday.jpg", data)
    return out.getvalue()


def tarred(data: bytes, how: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=how) as archive:
        for name, held in (("a" * 150, b"nothing"), ("b" * 150, data)):
            member = tarfile.TarInfo(name)
            member.size = len(held)
            archive.addfile(member, io.BytesIO(held))
    return out.getvalue()


def packaged(data: bytes) -> bytes:
    def member(name: bytes, held: bytes) -> bytes:
        return name.ljust(48) + str(len(held)).encode().ljust(10) + b"`\n" + held + b"\n" * (len(held) % 2)

    return b"!<arch>\n" + member(b"debian-binary/", b"2.0") + member(b"data", data)


Wrap = Callable[[bytes], bytes]

ARCHIVES: dict[str, Wrap] = {
    "zip": zipped,
    "stored zip": lambda data: zipped(data, zipfile.ZIP_STORED),
    "bzip2 zip": lambda data: zipped(data, zipfile.ZIP_BZIP2),
    "lzma zip": lambda data: zipped(data, zipfile.ZIP_LZMA),
    "zip behind a script": lambda data: b"#!/usr/bin/env python3\n" + zipped(data),
    "tar": tarred,
    "GNU tar": lambda data: tarred(data, tarfile.GNU_FORMAT),
    "gz": gzip.compress,
    "second gz": lambda data: gzip.compress(b"") + gzip.compress(data),
    "gz behind a script": lambda data: b"#!/bin/sh\ntail -n +3 $0 | gunzip\n" + gzip.compress(data),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "deb": packaged,
}
TEXTS: dict[str, Wrap] = {
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 LE": lambda data: data.decode().encode("utf-16-le"),
    "UTF-16 BE": lambda data: data.decode().encode("utf-16-be"),
    "UTF-32": lambda data: data.decode().encode("utf-32"),
    "heading": lambda data: "My key, größer:\n\n".encode() + data,
    "trailing": lambda data: data + b"\n\ndo not lose\n{}",
    "JSON string": lambda data: json.dumps({"note": data.decode()}).encode(),
    "quoted": lambda data: b"".join(b"> " + line + b"\n" for line in data.splitlines()),
}
ANY: dict[str, Wrap] = {
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "base64 in JSON": lambda data: json.dumps({"file": base64.b64encode(data).decode()}).encode(),
}


def find(data: bytes) -> list[PrivateMaterial | Unlooked]:
    return list(find_private_material("holiday.jpg", io.BytesIO(data)))


def is_found(data: bytes) -> bool:
    return any(isinstance(one, PrivateMaterial) for one in find(data))


def is_text(data: bytes) -> bool:
    return data.isascii() and b"\0" not in data


@pytest.mark.parametrize("name", list(keys()))
def test_each_form_is_found_as_it_is_and_in_each_wrapping(name: str) -> None:
    key = keys()[name]
    texts = TEXTS if is_text(key) else {}
    missed = [how for how, wrap in {"as it is": bytes, **texts, **ANY, **ARCHIVES}.items() if not is_found(wrap(key))]
    assert not missed


def test_two_in_one_file_and_one_in_the_midst_of_a_program_are_found() -> None:
    program = Path(sys.executable).resolve().read_bytes()[: 3 << 20]
    for name in ("key file", "RSA PKCS#8 PEM", "age", "plain ed25519 key file"):
        key = keys()[name]
        assert is_found(key + key)
        assert is_found(program + key + program)
    wide = keys()["RSA PKCS#8 PEM"].decode().encode("utf-16")
    assert is_found(os.urandom(1 << 20) + wide + os.urandom(2 << 20))


@pytest.mark.parametrize("shift", range(-300, 300, 61))
def test_a_key_on_the_border_of_two_pieces_is_found(shift: int) -> None:
    padding = b"some line of text, as logs have them by the million\n" * 45_000
    for border in (1 << 20, 2 << 20):
        assert is_found(padding[: border + shift] + keys()["ed25519 PKCS#8 PEM"] + padding[:1000])


def test_what_cannot_be_looked_into_is_named() -> None:
    sealed = bytearray(zipped(keys()["key file"]))
    sealed[sealed.rindex(b"PK\x01\x02") + 8] |= 1
    (encrypted,) = find(bytes(sealed))
    assert encrypted == Unlooked(name="holiday.jpg!holiday.jpg", reason="is encrypted")
    for data in (
        b"7z\xbc\xaf\x27\x1c" + os.urandom(500),
        b"\x28\xb5\x2f\xfd" + os.urandom(500),
        gzip.compress(os.urandom(5000))[:4000],
        tarred(b"x" * 5000)[:2000] + b"x" * 5000,
        zipped(b"x" * 500)[:-30],
    ):
        (found,) = find(data)
        assert isinstance(found, Unlooked), data[:8]


def test_archives_are_opened_to_the_declared_depth_and_what_is_deeper_is_named() -> None:
    data = keys()["RSA PKCS#8 DER"]
    for _ in range(DEPTH):
        data = zipped(data)
    assert is_found(data)
    (deeper,) = find(zipped(data))
    assert isinstance(deeper, Unlooked)
    assert "levels" in deeper.reason


def test_a_bomb_ends_where_the_budget_does(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb, many = gzip.compress(bytes(8 << 20)), tarred(b"x") * 20
    assert not find(bomb)
    assert not find(many)
    monkeypatch.setattr(Budget.__init__, "__defaults__", (1 << 20, 10))
    for data in (bomb, many):
        (found,) = find(data)
        assert isinstance(found, Unlooked)
        assert "holds more than" in found.reason


INNOCENT = {
    "label in a program": b"\0-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----\0" + b"badformat\0" * 40,
    "label in a manual": b"write -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----\n",
    "label in code": b"const a='-----BEGIN PRIVATE KEY-----\\n'+e.match(/.{1,64}/g).join('\\n')+'\\n-----END'",
    "hashes": b"\n".join(bytes([65 + n % 6]) * 64 + b"  file" for n in range(50)),
    "metadata": json.dumps({"signed": {"keys": {"a": {"keyval": {"public": "ab" * 32}}}, "d": "ef" * 32}}).encode(),
    "JWK": b'{"kty":"OKP","crv":"Ed25519","x":"' + b"A" * 43 + b'"}',
    "trust store": java_store(2),
    "random": os.urandom(100_000),
    "zeros": bytes(100_000),
    "empty": b"",
    "program that reads a zip": b"\0PK\x05\x06" + b"\xff" * 40,
    "a shown form": b'{"encrypted": true, "data": {"kdf": {...}, "cipher": {"name": "nacl/secretbox"}, '
    b'"ciphertext": "..."}}',
}


@pytest.mark.parametrize("name", INNOCENT)
def test_what_is_no_key_is_not_taken_for_one(name: str) -> None:
    assert not find(INNOCENT[name])
    assert not is_found(tarred(INNOCENT[name]))


def test_public_halves_are_not_taken_for_keys() -> None:
    for key in (ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1())):
        for encoding in (PEM, DER):
            public = key.public_key().public_bytes(encoding, form.PublicFormat.SubjectPublicKeyInfo)
            assert not find(public)
            assert not find(base64.b64encode(public))


def test_nothing_is_found_in_the_libraries_that_read_keys() -> None:
    here = Path(sys.prefix).resolve() / "lib"
    kinds = ("cryptography/**/*.so", "cryptography/**/*.py", "securesystemslib/**/*.py", "nacl/**/*")
    libraries = [path for kind in kinds for path in here.glob(f"python*/site-packages/{kind}") if path.is_file()]
    libraries += [*Path("/usr/lib").glob("*/libcrypto.so*"), *Path("/usr/lib").glob("*/libssh*.so*")]
    assert len(libraries) > 50
    for path in libraries:
        with path.open("rb") as stream:
            assert not list(find_private_material(path.name, stream)), path


def random_wrapping(data: bytes, draw: some.DrawFn, key: bytes) -> bytes:
    if is_text(key):
        for how in draw(some.lists(some.sampled_from(sorted(TEXTS)), max_size=1)):
            data = TEXTS[how](data)
    for how in draw(some.lists(some.sampled_from([*sorted(ARCHIVES), *sorted(ANY)]), max_size=3)):
        data = {**ARCHIVES, **ANY}[how](data)
    return data


@some.composite
def wrapped_keys(draw: some.DrawFn) -> bytes:
    name = draw(some.sampled_from(sorted(keys())))
    return random_wrapping(keys()[name], draw, keys()[name])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wrapped_keys())
def test_a_random_key_in_a_random_wrapping_is_found(data: bytes) -> None:
    assert is_found(data)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wrapped_keys())
def test_many_random_keys_in_random_wrappings_are_found(data: bytes) -> None:
    assert is_found(data)


@settings(max_examples=60, deadline=None)
@given(some.binary(max_size=300), some.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh91AY&SY", b"!<arch>\n"]))
def test_random_bytes_are_refused_nowhere_and_stop_nothing(data: bytes, magic: bytes) -> None:
    assert not is_found(magic + data)


def test_a_damaged_archive_stops_nothing() -> None:
    for wrap, at in itertools.product(ARCHIVES.values(), range(0, 400, 37)):
        data = bytearray(wrap(b"nothing" * 50))
        data[at % len(data)] ^= 0xFF
        find(bytes(data))


def test_the_key_files_of_go_tuf_are_found_and_its_metadata_is_not() -> None:
    vectors = Path(__file__).resolve().parents[1] / "vectors" / "go-tuf"
    for pattern, wanted in (("keys/*.json", True), ("repository/*.json", False)):
        files = list(vectors.rglob(pattern))
        assert files
        assert not [path for path in files if is_found(path.read_bytes()) is not wanted]


def test_nothing_is_found_in_our_own_sources() -> None:
    for path in (Path(__file__).resolve().parents[2] / "src").rglob("*"):
        if path.is_file():
            assert not find(path.read_bytes()), path
