"""How this machine gets to a server: proxies, certificates, headers; the same for clients, agents and buckets."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tufkeep.errors import BadRequest

_DEFAULT_PORTS = {"http": 80, "https": 443}


class UnusableFile(BadRequest):
    """A file of certificates or a key that can't be used."""

    def __init__(self, path: Path, fault: str):
        super().__init__(f"{path}: {fault}")
        self.path = str(path)


class BadProxy(BadRequest):
    """Text that is no address of a proxy that speaks HTTP; it is not shown, for it may hold a password."""

    def __init__(self) -> None:
        super().__init__("a proxy is given as http://host:port or https://host:port; no socks5 or other is used")


class BadHeader(BadRequest):
    """A line that is no header; it is not shown, for it may hold a secret."""

    def __init__(self) -> None:
        super().__init__("a header is one line such as `Authorization: Bearer TOKEN`, in ASCII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What lies between this machine and a server.

    Headers and the client certificate are for the server that is asked: no redirect takes them to another host.
    """

    http_proxy: str | None = field(default=None, repr=False)  # URL of the proxy for http:// addresses
    https_proxy: str | None = field(default=None, repr=False)  # and for https:// ones, which it passes on unread
    no_proxy: str = ""  # hosts to reach without one: names, their domains, networks, `*`; with commas between
    ca_file: Path | None = None  # certificates to trust in place of the system's
    certificate_file: Path | None = None  # the client's own, with its chain, in PEM
    key_file: Path | None = None  # its private key, where that is in another file
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # sent with every request; may hold secrets
    connect_seconds: float = 10
    silence_seconds: float = 30

    def require_files(self) -> None:
        """Look at the files before anything is sent.

        Raises:
            UnusableFile: one is not there.
        """
        for path in (self.ca_file, self.certificate_file, self.key_file):
            if path is not None and not path.is_file():
                raise UnusableFile(path, "there is no such file")

    def proxy_for(self, url: str) -> str | None:
        """Return the proxy for a URL, None where it is reached directly.

        Raises:
            BadProxy: it is no address of a proxy that speaks HTTP.
        """
        parts = urlsplit(url)
        proxy = self.https_proxy if parts.scheme == "https" else self.http_proxy
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        if not proxy or any(_covers(rule, parts.hostname or "", port) for rule in self.no_proxy.split(",")):
            return None
        return _proxy(proxy)


def network_of(environment: Mapping[str, str]) -> Network:
    """Return what the environment says, in the names that other programs use.

    In lower case `http_proxy` counts, in upper case it does not inside a web server, which sets it from a header
    `Proxy:` of anybody's request.
    """

    def said(*names: str) -> str | None:
        return next((environment[name] for name in names if environment.get(name)), None)

    def path(name: str) -> Path | None:
        return Path(environment[name]) if environment.get(name) else None

    upper = () if "REQUEST_METHOD" in environment else ("HTTP_PROXY",)
    return Network(
        http_proxy=said("http_proxy", *upper, "all_proxy", "ALL_PROXY"),
        https_proxy=said("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
        no_proxy=said("no_proxy", "NO_PROXY") or "",
        ca_file=path("TUFKEEP_CA_FILE"),
        certificate_file=path("TUFKEEP_CLIENT_CERT"),
        key_file=path("TUFKEEP_CLIENT_KEY"),
        headers=read_headers(environment.get("TUFKEEP_HEADERS", "")),
    )


def read_headers(text: str) -> dict[str, str]:
    """Return headers that are given as `Name: value`, one a line.

    Raises:
        BadHeader: a line is none.
    """
    return dict(_header(line) for line in text.splitlines() if line.strip())


def _header(line: str) -> tuple[str, str]:
    name, found, value = line.partition(":")
    name, value = name.strip(), value.strip()
    plain = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
    if not found or not plain or not value.isprintable() or not value.isascii():
        raise BadHeader
    return name, value


def _proxy(given: str) -> str:
    proxy = given if "://" in given else f"http://{given}"
    try:
        parts = urlsplit(proxy)
        known = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise BadProxy
    return proxy


def _covers(rule: str, host: str, port: int) -> bool:
    """Whether an entry of a NO_PROXY list is about a host: `*`, a name and all below it, an address, a network."""
    rule = rule.strip().lower()
    if rule in ("", "*"):
        return rule == "*"
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule.strip("[]"), strict=False)
    except ValueError:
        pass
    name, found, number = rule.rpartition(":")
    if found and number.isdigit() and "]" not in number:
        return int(number[:6]) == port and _covers(name, host, port)
    name = rule.removeprefix("*").lstrip(".")
    return host == name or host.endswith(f".{name}")
