"""What `tuf help` says: usage lines from go-tuf, which are the grammar too, with explanations of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PROGRAM: Final = """\
usage: tuf [-h|--help] [-d|--dir=<dir>] [--insecure-plaintext] <command> [<args>...]

Options:
  -h, --help
  -d <dir>              The working directory, by default the current one
  --insecure-plaintext  Keep new keys unencrypted, and ask for no passphrase

Commands:
  help               Explain a command
  init               Begin a repository
  gen-key            Make a key for a role
  revoke-key         Take a key out of a role
  add                List target files
  remove             List target files no more
  snapshot           Make the next snapshot
  timestamp          Make the next timestamp
  payload            Print the bytes of a metadata file that are signed
  add-signatures     Take in signatures that were made elsewhere
  sign               Sign a metadata file
  sign-payload       Sign what payload printed
  status             Tell whether a role's metadata is expired
  commit             Make the staged change the repository
  regenerate         Make the targets metadata anew from the files
  set-threshold      Set how many keys of a role must sign
  get-threshold      Print how many keys of a role must sign
  change-passphrase  Lock a role's key file with another passphrase
  root-keys          Print the root keys as JSON
  clean              Throw the staged change away

tuf help COMMAND explains one of them. This is tufkeep speaking as go-tuf v0.5.2 does; tufkeep --help shows the rest.
"""

_ASKED = """\
The passphrase is asked for, or taken from the variable TUF_<ROLE>_PASSPHRASE.
"""

COMMANDS: Final[Mapping[str, str]] = {
    "init": """\
usage: tuf init [--consistent-snapshot=false]

Begin a repository: a root without keys, targets with nothing in it. Where a repository is, nothing is begun.

Options:
  --consistent-snapshot=<false>   With "false", metadata and targets get no version or hash before their names.
""",
    "gen-key": f"""\
usage: tuf gen-key [--expires=<days>] [--scheme=<scheme>] <role>

Make a key, write it to keys/<role>.json and trust it in the staged root. The staged root ends no earlier than before,
unless --expires says so.

{_ASKED}
Options:
  --expires=<days>   Let root.json end this many days from now.
  --scheme=<scheme>  ed25519, ecdsa-sha2-nistp256 or rsassa-pss-sha256 [default: ed25519].
""",
    "revoke-key": f"""\
usage: tuf revoke-key [--expires=<days>] <role> <id>

Take a key out of a role in the staged root. Its file stays; while the committed root trusts it, it goes on signing the
staged one, for clients of that root ask for it.

{_ASKED}
Options:
  --expires=<days>   Let root.json end this many days from now.
""",
    "add": f"""\
usage: tuf add [--expires=<days>] [--custom=<data>] [<path>...]

List files of staged/targets, given by their paths from there; all of them when none is given.

{_ASKED}
Options:
  --expires=<days>   Let targets.json end this many days from now.
  --custom=<data>    Sign this JSON object with each of them.
""",
    "remove": f"""\
usage: tuf remove [--expires=<days>] [--all] [<path>...]

List targets no more; their files go with the commit.

{_ASKED}
Options:
  --all              All of them.
  --expires=<days>   Let targets.json end this many days from now.
""",
    "snapshot": f"""\
usage: tuf snapshot [--expires=<days>]

Make the next snapshot, of the targets metadata as it is now.

{_ASKED}
Options:
  --expires=<days>   Let it end this many days from now.
""",
    "timestamp": f"""\
usage: tuf timestamp [--expires=<days>]

Make the next timestamp, of the snapshot as it is now.

{_ASKED}
Options:
  --expires=<days>   Let it end this many days from now.
""",
    "payload": """\
usage: tuf payload <metadata>

Print what is signed of a metadata file, such as root.json, in canonical form.
""",
    "add-signatures": """\
usage: tuf add-signatures --signatures <sig_file> <metadata>

Take in the signatures that sign-payload printed elsewhere; each is verified first.
""",
    "sign": f"""\
usage: tuf sign <metadata>

Sign a metadata file, such as root.json, with every key for it that is found in any file under keys/. A staged root is
signed by keys of the committed root, too, for clients of that one ask for them.

{_ASKED}""",
    "sign-payload": f"""\
usage: tuf sign-payload --role=<role> <path>

Sign what payload printed, with the keys of a role.

{_ASKED}""",
    "status": """\
usage: tuf status --valid-at=<date> <role>

Say nothing and end with 0 if the role's metadata is valid at a date, else with 1.

Options:
  --valid-at=<date>   As 2027-01-31T12:00:00Z, 31 Jan 27 12:00 UTC, or Sun Jan 31 12:00:00 UTC 2027
""",
    "commit": """\
usage: tuf commit

Prove that every client follows, then make the staged change the repository.
""",
    "regenerate": f"""\
usage: tuf regenerate [--consistent-snapshot=false]

Make targets.json anew: it lists the files under repository/targets and staged/targets, and nothing else. Custom data
stays where the old one can be read.

{_ASKED}
Options:
  --consistent-snapshot=<false>   With "false", no hash is looked for before the names of the files.
""",
    "set-threshold": """\
usage: tuf set-threshold <role> <threshold>

Set how many keys of a role must sign.
""",
    "get-threshold": """\
usage: tuf get-threshold <role>

Print how many keys of a role must sign.
""",
    "change-passphrase": """\
usage: tuf change-passphrase <role>

Lock keys/<role>.json with another passphrase. It is asked for, or taken from TUF_NEW_<ROLE>_PASSPHRASE; the old one
from TUF_<ROLE>_PASSPHRASE.
""",
    "root-keys": """\
usage: tuf root-keys

Print the public keys of root as a JSON array.
""",
    "clean": """\
usage: tuf clean

Throw the staged change away, target files included.
""",
}
