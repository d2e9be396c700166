"""What obstore's errors mean for an object, told as a StoreFault.

The library's own text is never passed on: a server's answer that it quotes may hold keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tufkeep.stores.errors import (
    BucketBroken,
    BucketDenied,
    BucketReadOnly,
    ObjectMissing,
    StoreFault,
    StoreFull,
    StoreReadOnly,
)

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_AGAIN = frozenset((408, 409, 425, 429))  # 409: two conditional writes met, and neither was made
_REFUSED_KEYS = frozenset(
    ("SignatureDoesNotMatch", "InvalidAccessKeyId", "ExpiredToken", "InvalidToken", "AuthenticationFailed")
)
_MALFORMED_KEYS = ("Invalid Access Key:", "in SAS query pair")  # found before anything is sent
_NO_BUCKET = frozenset(("NoSuchBucket", "ContainerNotFound"))
_LOST_ON_THE_WAY = frozenset(("BadDigest", "RequestTimeout", "IncompleteBody", "XAmzContentSHA256Mismatch"))
_NETWORK = (
    ("dns error", "no such host"),
    ("timed out", "timed out"),
    ("timeout", "timed out"),
    ("certificate", "its certificate is not trusted"),
    ("connection refused", "connection refused"),
    ("reset", "connection reset"),
    ("kind: connect", "no connection"),
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What can be known of an error: its kind, the server's status and code."""

    error: Exception

    @property
    def kind(self) -> str:
        return type(self.error).__name__

    @property
    def status(self) -> int | None:
        found = _STATUS.search(str(self.error))
        return int(found[1]) if found else None

    @property
    def code(self) -> str:
        found = _CODE.search(str(self.error))
        return found[1] if found else ""

    @property
    def said(self) -> str:
        return f" ({self.code or self.status})" if self.code or self.status else ""

    @property
    def keys_malformed(self) -> bool:
        return any(sign in str(self.error) for sign in _MALFORMED_KEYS)

    @property
    def keys_refused(self) -> bool:
        return self.code in _REFUSED_KEYS or self.kind == "UnauthenticatedError" or self.status == 401

    @property
    def forbidden(self) -> bool:
        # Azure answers 409 to anybody where an account has no public containers.
        closed = self.code == "PublicAccessNotPermitted"
        return closed or self.kind == "PermissionDeniedError" or self.status == 403

    @property
    def unable(self) -> bool:
        return self.kind in ("NotImplementedError", "NotSupportedError") or self.status in (405, 501)


def is_obstore(error: Exception) -> bool:
    """Whether it is one of the library's errors, not a mistake of ours."""
    from obstore.exceptions import BaseError

    return isinstance(error, BaseError | FileNotFoundError | NotImplementedError)


def is_conflict(error: Exception) -> bool:
    """Whether a condition did not hold."""
    from obstore.exceptions import AlreadyExistsError, PreconditionError

    # S3 answers 404 to If-Match on an object that is gone; a missing bucket answers 404, too.
    gone = isinstance(error, FileNotFoundError) and _Answer(error).code not in _NO_BUCKET
    return isinstance(error, AlreadyExistsError | PreconditionError) or gone


def was_overwritten(error: BaseException | None) -> bool:
    """Whether a read asked for one version of an object and there is another."""
    from obstore.exceptions import PreconditionError

    return isinstance(error, PreconditionError)


def may_pass(error: Exception) -> bool:
    """Whether sending it again may help: nothing was answered, or the server had a bad moment."""
    answer = _Answer(error)
    if not is_obstore(error) or isinstance(error, FileNotFoundError):
        return False
    if answer.keys_malformed or answer.keys_refused or answer.forbidden or answer.unable:
        return False
    return answer.status is None or answer.status >= 500 or answer.status in _AGAIN or answer.code in _LOST_ON_THE_WAY


def tell(name: str, called: str, error: Exception, *, writing: bool) -> StoreFault:
    """Return what happened to an object.

    Args:
        called: what a sentence calls the bucket.
    """
    answer = _Answer(error)
    if answer.code in _NO_BUCKET:
        return BucketBroken(name, f"{called} does not exist{answer.said}")
    if isinstance(error, FileNotFoundError):
        return ObjectMissing(name)
    return _refused(name, called, answer, writing=writing) or _failed(name, called, answer)


def _refused(name: str, called: str, answer: _Answer, *, writing: bool) -> StoreFault | None:
    kind = BucketReadOnly if writing else BucketDenied
    if answer.keys_malformed:
        return kind(name, f"{called} can't be asked with these credentials: they are malformed")
    if answer.keys_refused:
        return kind(name, f"{called} refuses these credentials{answer.said}")
    if answer.forbidden:
        doing = "written" if writing else "read"
        return kind(name, f"may not be {doing} in {called} with these credentials{answer.said}")
    if answer.unable:
        return StoreReadOnly(name, f"{called} can't do this{answer.said}")
    return None


def _failed(name: str, called: str, answer: _Answer) -> StoreFault:
    if answer.status == 507 or answer.code == "QuotaExceeded":
        return StoreFull(name, f"no room left in {called}{answer.said}")
    if answer.kind == "PreconditionError":
        return BucketBroken(name, f"changed in {called} while it was read{answer.said}")
    if answer.status is None:
        return BucketBroken(name, f"{called} can't be reached: {_network(str(answer.error))}")
    return BucketBroken(name, f"{called} failed{answer.said}")


def _network(text: str) -> str:
    lower = text.lower()
    return next((words for sign, words in _NETWORK if sign in lower), "the connection broke")
