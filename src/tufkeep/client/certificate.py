"""The certificate of a server that is not trusted, looked at so that an error can say which it is and until when."""

from __future__ import annotations

import socket
import ssl
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

_LONGEST = 60  # characters of a name that somebody else chose


def describe_certificate(url: str, *, seconds: float) -> str | None:
    """Return whose certificate a server shows, who issued it and for which time; None where it can't be had.

    The connection is made for this alone: nothing is sent over it, and nothing is believed that it brings.

    Args:
        seconds: for the connection, and again for the handshake.
    """
    parts = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=seconds) as sock,
            context.wrap_socket(sock, server_hostname=host) as wrapped,
        ):
            data = wrapped.getpeercert(binary_form=True)
        return _described(x509.load_der_x509_certificate(data)) if data else None
    except (OSError, ValueError):  # ValueError: a certificate that nobody can read
        return None


def _described(certificate: x509.Certificate) -> str:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return f"{_name(certificate.subject)}, issued by {_name(certificate.issuer)}, valid {_day(begin)} to {_day(end)}"


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME) or list(name)
    said = str(common[0].value)[:_LONGEST] if common else "nobody"
    return said if said.isprintable() else ascii(said)


def _day(when: datetime) -> str:
    return f"{when:%Y-%m-%d}"
