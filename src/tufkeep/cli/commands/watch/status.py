"""Show who signed what, when it ends."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines, Tone, columns, signatures
from tufkeep.cli.base.unfinished import told
from tufkeep.metadata.expiry import distance
from tufkeep.watch.status import Life, RoleStatus, SigningKey, Status, VersionStatus
from tufkeep.watch.status import status as look

_WARNINGS = 2  # the folder and one file; the rest is said in a line


@command("status", example="tufkeep status\ntufkeep status --json\ntufkeep status production")
@click.argument("remote", required=False)
@options.trust_config
def status(app: App, *, remote: str | None) -> None:
    """Show who signed what, and when it expires.

    One line for each role: the committed version, the staged one where a change is waiting, how many of the needed
    signatures it has, and when it expires. Nothing is changed, no passphrase is asked for. With REMOTE: what is
    published there, as `tufkeep remote status` shows it.
    """
    if remote is not None:
        from tufkeep.cli.base.publishing import open_publisher
        from tufkeep.cli.commands.publish import remote_status

        remote_status.tell(app, open_publisher(app, remote))
        return
    found = look(app.workspace)
    app.show(found)
    found.require_whole()


@show.text.register
def _(shown: Status) -> Lines:
    if any(role.committed or role.staged for role in shown.roles):
        yield from _table(shown)
        names = "consistent snapshots" if shown.consistent_snapshot else "plain file names"
        yield f"{shown.targets:,} target{'' if shown.targets == 1 else 's'}, {names}"
        yield from _change(shown)
    elif not shown.faults:
        yield "there is no repository here yet"
    for fault in shown.faults[1:]:  # the first is what the command ends with
        yield Line(f"warning: {fault}", "warning")
    if shown.interrupted:
        yield Line("warning: a commit was interrupted; finish it: tufkeep commit", "warning")
    for found in shown.unfinished:
        yield Line(f"{'warning: ' if found.blocks else ''}{told(found)}", "warning" if found.blocks else "plain")
    if late := " ".join(each.role for each in shown.roles if each.committed is not None and each.committed.late):
        sentence = (
            f"compare this machine's clock; if it is right: tufkeep renew {late}, or give them more in tufkeep.toml"
        )
        yield Line(
            f"warning: what expires later than the policy allows may be kept from agents for so long: {sentence}",
            "warning",
        )
    yield from (Line(f"warning: {sentence}: tufkeep key check DIR", "warning") for sentence in shown.overdue_checks)
    yield from (Line(f"warning: {sentence}", "warning") for sentence in shown.key_warnings[:_WARNINGS])
    if len(shown.key_warnings) > _WARNINGS:
        more = len(shown.key_warnings) - _WARNINGS
        yield Line(f"warning: {more:,} more like this; tufkeep doctor says what to type", "warning")


def _table(shown: Status) -> Iterator[Line]:
    """Yield one line for each version there is."""
    rows: list[tuple[str, ...]] = []
    tones: list[Tone] = []
    for role in shown.roles:
        for where, version in (("", role.committed), ("staged", role.staged)):
            if version is not None:
                rows.append((role.role, f"v{version.version}", where, _signatures(version), _end(version, shown)))
                tones.append("warning" if version.late else _TONES[version.life])
    yield from (Line(text, tone) for text, tone in zip(columns(rows) if rows else [], tones, strict=True))


_TONES: dict[Life, Tone] = {"ok": "plain", "due": "warning", "expired": "bad"}


def _signatures(version: VersionStatus) -> str:
    return ", ".join(signatures(each.count, each.threshold, by=each.by or "") for each in version.signed)


def _end(version: VersionStatus, shown: Status) -> str:
    due = {"ok": "", "due": ", renew it", "expired": ", agents refuse it"}[version.life]
    late = ", later than the policy allows" if version.late else ""
    return f"{distance(version.expires, now=shown.now)}{due}{late}"


def _change(shown: Status) -> Iterator[Line]:
    if not shown.staged:
        yield Line("nothing is staged", "quiet")
        if shown.staged_artifacts:
            yield Line("there are files in staged/targets that nothing lists; what to do: tufkeep doctor", "warning")
        return
    count = shown.staged_artifacts
    artifacts = f" with {count:,} artifact{'' if count == 1 else 's'}" if count else ""
    yield Line(f"a change{artifacts} is staged; read it with tufkeep review")
    for role in shown.roles:
        yield from _waiting(role)


def _waiting(role: RoleStatus) -> Iterator[Line]:
    for signed in role.staged.signed if role.staged else ():
        if not signed.reached:
            names = ", ".join(_named(each) for each in signed.signers if not each.signed) or "no one: too few keys"
            by = f" by {signed.by}" if signed.by else ""
            yield Line(f"{role.role}{by} waits for {signed.threshold - signed.count} more of: {names}", "warning")


def _named(signer: SigningKey) -> str:
    return f"{signer.keyid[:8]} ({signer.owner})" if signer.owner else signer.keyid[:8]
