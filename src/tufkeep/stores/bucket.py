"""One bucket of an object store, through obstore: requests, retries, errors.

A lost reply to a conditional write that had worked comes back as a conflict when it is sent again. So obstore retries
only what may be done twice; conditional writes are retried here, where a conflict after a retry is looked at: when the
object holds our bytes, the write had worked.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tufkeep.stores.bucket_faults import is_conflict, is_obstore, may_pass, tell
from tufkeep.stores.errors import ObjectChanged, ObjectExists, StoreFault
from tufkeep.stores.store import CREATE, Condition, Tag, Unchanged

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta, PutMode, PutResult
    from obstore.store import ObjectStore as Obstore

PART_BYTES = 8 << 20
_PARTS_AT_ONCE = 4
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket.

    Args:
        clients: what sends the requests.
        called: what a sentence calls it: `s3://bucket`, without anything secret.
        tagged_by_version: conditions go by the object's version (Google Cloud Storage), not by its entity tag.
    """

    clients: Clients
    called: str
    tagged_by_version: bool = False
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform  # keeps two of us apart

    def get(self, path: str, **options: Any) -> GetResult:
        """Begin to read an object; the caller reads its body inside `telling`."""
        import obstore

        return obstore.get(self.clients.patient, path, options=options or None)  # type: ignore[arg-type]

    def head(self, path: str) -> ObjectMeta:
        import obstore

        return obstore.head(self.clients.patient, path)

    def list(self, folder: str) -> Iterator[ObjectMeta]:
        import obstore

        for some in obstore.list(self.clients.patient, folder or None, chunk_size=1000):
            yield from some

    def put(self, path: str, data: bytes, *, attributes: Mapping[str, str]) -> Tag:
        import obstore

        return self._tag(
            obstore.put(self.clients.patient, path, data, attributes=_given(attributes), use_multipart=False)
        )

    def put_parts(self, path: str, chunks: Iterable[bytes], *, attributes: Mapping[str, str]) -> None:
        """Send an object in parts; it appears when all have arrived."""
        import obstore

        obstore.put(
            self.clients.patient,
            path,
            iter(chunks),
            attributes=_given(attributes),
            use_multipart=True,
            chunk_size=PART_BYTES,
            max_concurrency=_PARTS_AT_ONCE,
        )

    def copy(self, source: str, path: str) -> None:
        import obstore

        obstore.copy(self.clients.patient, source, path)

    def delete(self, path: str) -> None:
        import obstore

        obstore.delete(self.clients.patient, path)

    def put_if(self, path: str, data: bytes, condition: Condition, *, name: str, attributes: Mapping[str, str]) -> Tag:
        """Write under a condition.

        Raises:
            ObjectExists, ObjectChanged: it does not hold.
        """
        import obstore

        mode = self._mode(condition)
        pause = _FIRST_PAUSE_SECONDS
        for attempt in range(_ATTEMPTS):
            if attempt:
                self.sleep(self.jitter(pause / 2, pause))
                pause *= 2
            try:
                return self._tag(
                    obstore.put(
                        self.clients.strict, path, data, attributes=_given(attributes), mode=mode, use_multipart=False
                    )
                )
            except Exception as error:
                if is_conflict(error):
                    if attempt and (found := self._ours(path, data)) is not None:
                        return found
                    raise self._conflict(path, condition, name) from error
                if not may_pass(error) or attempt == _ATTEMPTS - 1:
                    raise tell(name, self.called, error, writing=True) from error
        raise AssertionError("the last attempt returns or raises")

    def tag(self, meta: ObjectMeta | PutResult) -> Tag:
        return self._tag(meta)

    @contextmanager
    def telling(self, name: str, *, writing: bool = False) -> Iterator[None]:
        """Say in our words what obstore raises inside the block."""
        try:
            yield
        except StoreFault:
            raise
        except Exception as error:
            if not is_obstore(error):
                raise
            raise tell(name, self.called, error, writing=writing) from error

    def _mode(self, condition: Condition) -> PutMode:
        if condition is CREATE:
            return "create"
        assert isinstance(condition, Unchanged)
        return {"version": condition.tag} if self.tagged_by_version else {"e_tag": condition.tag}

    def _tag(self, result: Any) -> Tag:
        return str((result.get("version") if self.tagged_by_version else None) or result.get("e_tag") or "")

    def _ours(self, path: str, data: bytes) -> Tag | None:
        """Return the tag of the object when it holds exactly these bytes: an earlier attempt had worked."""
        try:
            found = self.get(path)
            return self._tag(found.meta) if found.meta["size"] == len(data) and bytes(found.bytes()) == data else None
        except Exception as error:
            if is_obstore(error):
                return None
            raise

    def _conflict(self, path: str, condition: Condition, name: str) -> StoreFault:
        if condition is CREATE:
            return ObjectExists(name)
        assert isinstance(condition, Unchanged)
        try:
            found = self._tag(self.head(path))
        except FileNotFoundError:
            found = None
        except Exception as error:
            return tell(name, self.called, error, writing=True)
        return ObjectChanged(name, expected=condition.tag, found=found)


class Clients:
    """The obstore clients of one bucket, made when they are first needed: `tufkeep --help` never pays for them."""

    def __init__(self, make: Callable[[int], Obstore]):
        """Remember how a client is made.

        Args:
            make: takes how often a request is sent again.
        """
        self._make = make

    @cached_property
    def patient(self) -> Obstore:
        return self._make(_ATTEMPTS)

    @cached_property
    def strict(self) -> Obstore:
        return self._make(0)


def _given(attributes: Mapping[str, str]) -> Any:
    return dict(attributes) or None
