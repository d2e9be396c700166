"""What may go wrong on the way to the files of a repository."""

from __future__ import annotations

from tufkeep.errors import BadRequest, StoreError
from tufkeep.metadata.canonical import MalformedMetadata


class FetchError(StoreError):
    """A file could not be had; `where` is its URL or path, without any password."""

    exit_code = 37

    def __init__(self, where: str, fact: str):
        super().__init__(f"{where}: {fact}")
        self.where = where


class NoAddress(BadRequest):
    """Text that is neither the URL of a server nor a folder that is there."""

    def __init__(self, where: str):
        super().__init__(f"{where}: is neither an http or https URL of a server nor a folder that exists")
        self.where = where


class NotARoot(MalformedMetadata):
    """What a client was told to begin with is no root metadata."""

    def __init__(self, reason: str):
        super().__init__(f"what was given is no root metadata: {reason}", role="root")


class TrustInTheWay(BadRequest):
    """A folder for artifacts in which a target could overwrite what the client trusts, such as root.json."""

    def __init__(self, folder: str, *, state: str):
        super().__init__(f"{folder}: a target could overwrite what is trusted in {state}")
        self.folder, self.state = folder, state


class NotServed(FetchError):
    """The server says that there is no such file."""

    exit_code = 31

    def __init__(self, where: str):
        super().__init__(where, "not found")


class AccessForbidden(FetchError):
    """The server says that we may not have the file (403), which some say of a file that is not there."""

    exit_code = 35

    def __init__(self, where: str):
        super().__init__(where, "forbidden (403)")


class LoginNeeded(FetchError):
    """The server asks who we are (401), or does not believe it; it says nothing of the file."""

    exit_code = 35

    def __init__(self, where: str):
        super().__init__(where, "the server asks for a name and password, a token or a certificate (401)")


class ServerFault(FetchError):
    """The server answers with something else than the file, or that there is none."""

    def __init__(self, where: str, *, status: int, more: str = ""):
        super().__init__(where, f"the server answers {status}{more}")
        self.status = status


class ServerBusy(ServerFault):
    """The server asks to come back later (429, 503), and does so at each attempt."""

    exit_code = 38

    def __init__(self, where: str, *, status: int, retry_after_seconds: int | None = None):
        later = "" if retry_after_seconds is None else f": come back in {retry_after_seconds:,} seconds"
        super().__init__(where, status=status, more=later)
        self.retry_after_seconds = retry_after_seconds


class Unreachable(FetchError):
    """No connection, or none that lasts; asking again may help."""

    exit_code = 38


class TooSlow(Unreachable):
    """The time for it is over, or too little came: a server may hold a client with a byte now and then."""


class TooLong(FetchError):
    """More bytes than the file may have: an endless file would fill the disk."""

    def __init__(self, where: str, *, limit: int):
        super().__init__(where, f"longer than the {limit:,} bytes allowed")
        self.limit = limit


class EndlessAnswer(FetchError):
    """Much more than the file came with it: headers, interim answers, chunk lines or trailers without end."""

    def __init__(self, where: str, *, limit: int):
        super().__init__(where, f"more than {limit:,} bytes came around the file: headers or trailers without end")
        self.limit = limit


class WrongPart(FetchError):
    """Another part of the file than the one asked for; asked for the whole, the server may send it."""

    def __init__(self, where: str, *, offset: int):
        super().__init__(where, f"the server sends another part than the one from byte {offset:,}")
        self.offset = offset


class FileChanged(FetchError):
    """The file is no longer the one whose beginning we have."""

    def __init__(self, where: str):
        super().__init__(where, "changed while it was fetched")


class RedirectRefused(FetchError):
    """A redirect that leads round in circles, nowhere, or off an encrypted connection."""


class WebPageInstead(FetchError):
    """A web page where metadata should be: a login page, a proxy, or a site at the wrong address."""

    def __init__(self, where: str):
        super().__init__(
            where,
            "a web page was sent in place of metadata",
        )
