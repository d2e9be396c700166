"""Key ids: the names that one public key goes by in metadata.

An id is the hash of the key object as some program wrote it, so one public key has several: go-tuf puts
`keyid_hash_algorithms` into the object, python-tuf leaves it out, and both names of the P-256 key type are in use.
Verifiers take ids as opaque text. A signer has to know them all, or it finds itself unable to sign for a
repository that another program made, as go-tuf does.

Spec: TUF 1.0.34 #file-formats-root; go-tuf v0.5.2 data.PublicKey.IDs.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

from tufkeep.metadata.canonical import encode_canonical

PublicForm: TypeAlias = dict[str, Any]  # a public key as metadata lists it

_SAME_TYPE = {"ecdsa": "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256": "ecdsa"}


def public_forms(keytype: str, scheme: str, public: str) -> dict[str, PublicForm]:
    """Return each id that the public key goes by with the object it is the hash of, go-tuf's first.

    Args:
        public: 64 hex digits (ed25519) or PEM.
    """
    keytypes = (keytype, _SAME_TYPE[keytype]) if keytype in _SAME_TYPE else (keytype,)
    forms = (_form(one, scheme, public, hash_algorithms=listed) for one in keytypes for listed in (True, False))
    return {_digest(form): form for form in forms}


def spelled(public: str) -> str:
    """Return a public key as go-tuf and today's python-tuf spell it.

    Older programs cut the last newline off a PEM.
    """
    return public.strip() + "\n" if public.startswith("-----") else public.lower()


def _form(keytype: str, scheme: str, public: str, *, hash_algorithms: bool) -> PublicForm:
    form: PublicForm = {"keytype": keytype, "scheme": scheme}
    if hash_algorithms:
        form["keyid_hash_algorithms"] = ["sha256", "sha512"]
    return {**form, "keyval": {"public": spelled(public)}}


def _digest(form: PublicForm) -> str:
    return hashlib.sha256(encode_canonical(form)).hexdigest()
