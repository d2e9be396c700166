"""Telling caches that some names have other content now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tufkeep.errors import TufkeepError
from tufkeep.publish.remote import Remote
from tufkeep.stores.cloudflare import purge_cloudflare

_AT_ONCE = 30  # URLs in one request, as Cloudflare limits it
Run = Callable[[Sequence[str]], str]


def purge(remote: Remote, names: Sequence[str], *, run: Run | None, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Purge what was written over; return warnings, for what is published stays published.

    Args:
        run: runs the policy's command with the URLs.
        environment: has CLOUDFLARE_API_TOKEN where a zone is named.
    """
    public = remote.policy.public_url
    if not names or not public:
        return ()
    urls = [f"{public.rstrip('/')}/{name}" for name in names]
    try:
        if remote.policy.purge_command and run is not None:
            run((*remote.policy.purge_command, *urls))
        if remote.policy.cloudflare_zone:
            token = environment.get("CLOUDFLARE_API_TOKEN", "")
            for start in range(0, len(urls), _AT_ONCE):
                some = urls[start : start + _AT_ONCE]
                purge_cloudflare(remote.policy.cloudflare_zone, some, token=token, network=remote.network)
    except TufkeepError as error:
        return (f"caches were not purged: {error}",)
    return ()
