"""The pools of connections of one client: direct ones and those through a proxy."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import urllib3
from urllib3.util import Timeout

from tufkeep.client.wire import bound
from tufkeep.stores.network import Network


class Connections:
    """Makes each pool when it is first needed: reading the system's certificates takes a while."""

    def __init__(self, network: Network):
        self._network = network
        self._pools: dict[tuple[str | None, bool], urllib3.PoolManager] = {}

    def pool(self, url: str, *, with_certificate: bool) -> urllib3.PoolManager:
        """Return what a URL is asked through.

        Args:
            with_certificate: whether to show the client's own.
        """
        key = self._network.proxy_for(url), with_certificate
        if key not in self._pools:
            self._pools[key] = bound(self._new(*key))
        return self._pools[key]

    def _new(self, proxy: str | None, with_certificate: bool) -> urllib3.PoolManager:
        network = self._network
        certificate = network.certificate_file if with_certificate else None
        key = network.key_file or certificate if certificate else None
        network.require_files()
        options: dict[str, Any] = {
            "maxsize": 8,
            "block": True,
            "timeout": Timeout(connect=network.connect_seconds, read=network.silence_seconds),
            "ca_certs": str(network.ca_file) if network.ca_file else None,
            "cert_file": str(certificate) if certificate else None,
            "key_file": str(key) if key else None,
        }
        if proxy is None:
            return urllib3.PoolManager(num_pools=4, **options)
        who = urllib3.util.parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=unquote(who)) if who else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
