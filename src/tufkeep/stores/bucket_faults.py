"""What obstore's errors mean for an object, told as a StoreFault.

The library's own text is never passed on: a server's answer that it quotes may hold keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tufkeep.stores.errors import (
    BucketBroken,
    BucketDenied,
    BucketReadOnly,
    ClockOff,
    ObjectMissing,
    StoreFault,
    StoreFull,
    StoreReadOnly,
    WrongRegion,
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
_MET = frozenset(("ConditionalRequestConflict", "OperationAborted"))  # two writes met; neither says who is first
_ELSEWHERE = frozenset(
    ("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException")
)
_REGION = re.compile(r"<(?:Region|BucketRegion)>([a-z0-9-]{1,40})</")
_TIMES = re.compile(r"<(ServerTime|RequestTime)>([0-9TZ:.+-]{8,40})</")
_CERTIFICATE = re.compile(r"InvalidCertificate\(\s*(\w{1,40})|invalid peer certificate: (\w{1,40})")
_UNTRUSTED = {
    "UnknownIssuer": "nobody whom this machine trusts has issued it",
    "Expired": "it has expired, or this machine's clock is wrong",
    "ExpiredContext": "it has expired, or this machine's clock is wrong",
    "NotValidYet": "it is not valid yet, or this machine's clock is wrong",
    "NotValidYetContext": "it is not valid yet, or this machine's clock is wrong",
    "NotValidForName": "it is for another name",
    "NotValidForNameContext": "it is for another name",
}
_NETWORK = (  # the first that fits
    ("dns error", "its name has no address (DNS)"),
    ("no such host", "its name has no address (DNS)"),
    ("failed to lookup address", "its name has no address (DNS)"),
    ("connection refused", "connection refused: no server at this address and port"),
    ("connectionrefused", "connection refused: no server at this address and port"),
    ("invalidcontenttype", "it does not answer in https: wrong port, or http:// is meant"),
    ("corrupt message", "it does not answer in https: wrong port, or http:// is meant"),
    ("invalid http version", "it does not answer in http: wrong port, or https:// is meant"),
    ("parse(", "it does not answer in HTTP"),
    ("reset", "connection reset"),
    ("timed out", "timed out"),
    ("timedout", "timed out"),
    ("kind: timeout", "timed out"),
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
    def met(self) -> bool:
        """Whether another write was under way, so that this one may succeed when it is sent again."""
        return self.code in _MET

    @property
    def elsewhere(self) -> bool:
        return self.code in _ELSEWHERE or "BareRedirect" in str(self.error)

    @property
    def region(self) -> str:
        """Where the server says that the bucket is."""
        found = _REGION.search(str(self.error))
        return found[1] if found else ""

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

    if _Answer(error).met:  # S3's 409 says nothing of the condition, whatever the library takes it for
        return False
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
    if is_obstore(error) and answer.met:
        return True
    if not is_obstore(error) or isinstance(error, FileNotFoundError) or answer.elsewhere:
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
    if answer.met:
        return BucketBroken(name, f"another write to it was under way at each attempt{answer.said}")
    if isinstance(error, FileNotFoundError):
        return ObjectMissing(name)
    return (
        _misplaced(name, called, answer)
        or _refused(name, called, answer, writing=writing)
        or _failed(name, called, answer)
    )


def _misplaced(name: str, called: str, answer: _Answer) -> StoreFault | None:
    if answer.code == "RequestTimeTooSkewed":
        return ClockOff(name, _clock(str(answer.error)), called)
    if answer.elsewhere:
        where = f"in region {answer.region}" if answer.region else "in another region, or at another endpoint"
        return WrongRegion(name, f"{called} is {where}{answer.said}", region=answer.region)
    return None


def _clock(text: str) -> timedelta | None:
    """Return how far our clock is ahead of the server's, as its answer says."""
    try:
        times = {name: datetime.fromisoformat(given) for name, given in _TIMES.findall(text)}
        return times["RequestTime"] - times["ServerTime"]
    except (KeyError, ValueError, TypeError):
        return None


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
    found = _CERTIFICATE.search(text)
    if found:
        why = found[1] or found[2]
        return f"its certificate is not trusted: {_UNTRUSTED.get(why, why)}"
    lower = text.lower().replace("retry_timeout", "")  # the library's settings, not what happened
    return next((words for sign, words in _NETWORK if sign in lower), "the connection broke")
