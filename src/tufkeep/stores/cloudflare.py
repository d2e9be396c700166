"""Cloudflare's cache: single URLs taken out of it."""

from __future__ import annotations

from collections.abc import Sequence

from tufkeep.errors import StoreError

_API = "https://api.cloudflare.com/client/v4"


class PurgeRefused(StoreError):
    """Cloudflare did not purge."""

    exit_code = 30

    def __init__(self, fault: str):
        super().__init__(f"cloudflare: {fault}")


class NoPurgeToken(PurgeRefused):
    """Nobody has given a token, so Cloudflare was not asked."""

    def __init__(self) -> None:
        super().__init__("no token")


def purge_cloudflare(zone: str, urls: Sequence[str], *, token: str, api: str = _API) -> None:
    """Ask Cloudflare to forget these URLs.

    Args:
        token: with the permission to purge the zone's cache; sent in a header, never shown.

    Raises:
        PurgeRefused: it did not.
    """
    import urllib3

    if not token:
        raise NoPurgeToken
    try:
        answer = urllib3.request(
            "POST",
            f"{api}/zones/{zone}/purge_cache",
            json={"files": list(urls)},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30.0,
            redirect=False,
        )
    except urllib3.exceptions.HTTPError as error:
        raise PurgeRefused(type(error).__name__) from None
    if answer.status != 200:
        raise PurgeRefused(f"answers {answer.status}")
