"""Cloudflare's cache: single URLs taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tufkeep.errors import StoreError
from tufkeep.stores.network import Network

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


def purge_cloudflare(
    zone: str, urls: Sequence[str], *, token: str, api: str = _API, network: Network | None = None
) -> None:
    """Ask Cloudflare to forget these URLs.

    Args:
        network: the way to Cloudflare; its headers are not for it.
        token: with the permission to purge the zone's cache; sent in a header, never shown.

    Raises:
        PurgeRefused: it did not.
    """
    import urllib3

    if not token:
        raise NoPurgeToken
    network = network or Network()
    network.require_files()
    trusted: dict[str, Any] = {"ca_certs": str(network.ca_file) if network.ca_file else None}
    proxy = network.proxy_for(api)
    pool = urllib3.ProxyManager(proxy, **trusted) if proxy else urllib3.PoolManager(**trusted)
    try:
        answer = pool.request(
            "POST",
            f"{api}/zones/{zone}/purge_cache",
            json={"files": list(urls)},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30.0,
            redirect=False,
            preload_content=False,  # the status says enough, and a body may have no end
        )
        answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise PurgeRefused(type(error).__name__) from None
    if answer.status != 200:
        raise PurgeRefused(f"answers {answer.status}")
