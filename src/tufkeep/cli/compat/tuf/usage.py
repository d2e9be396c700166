"""What `tuf help` prints: the usage lines are go-tuf's, and are the grammar too; the explanations are ours."""

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
  init               Create a repository
  gen-key            Make a key for a role
  revoke-key         Remove a key from a role
  add                Add target files
  remove             Remove target files
  snapshot           Make the next snapshot
  timestamp          Make the next timestamp
  payload            Print the bytes of a metadata file that are signed
  add-signatures     Add signatures that were made elsewhere
  sign               Sign a metadata file
  sign-payload       Sign what payload printed
  status             Check whether a role's metadata is expired
  commit             Make the staged change the repository
  regenerate         Make the targets metadata anew from the files
  set-threshold      Set how many keys of a role must sign
  get-threshold      Print how many keys of a role must sign
  change-passphrase  Change the passphrase of a role's key file
  root-keys          Print the root keys as JSON
  clean              Discard the staged change

tuf help COMMAND explains one of them. This is tufkeep with the commands of go-tuf v0.5.2; for its own: tufkeep --help
"""

_READ_FROM = """\
The passphrase is read from the variable TUF_<ROLE>_PASSPHRASE, or asked for.
"""

COMMANDS: Final[Mapping[str, str]] = {
    "init": """\
usage: tuf init [--consistent-snapshot=false]

Create a repository: a root without keys, and empty targets. It is an error if there is a repository already.

Options:
  --consistent-snapshot=<false>   With "false", file names get no version or hash as a prefix.
""",
    "gen-key": f"""\
usage: tuf gen-key [--expires=<days>] [--scheme=<scheme>] <role>

Make a key, write it to keys/<role>.json and trust it in the staged root. The staged root expires no earlier than
before, unless --expires says so.

{_READ_FROM}
Options:
  --expires=<days>   root.json expires this many days from now.
  --scheme=<scheme>  ed25519, ecdsa-sha2-nistp256 or rsassa-pss-sha256 [default: ed25519].
""",
    "revoke-key": f"""\
usage: tuf revoke-key [--expires=<days>] <role> <id>

Remove a key from a role in the staged root. Its file stays. While the committed root trusts it, it still signs the
staged one, because clients of that root need its signature.

{_READ_FROM}
Options:
  --expires=<days>   root.json expires this many days from now.
""",
    "add": f"""\
usage: tuf add [--expires=<days>] [--custom=<data>] [<path>...]

Add files of staged/targets, given by their paths below it; all of them when none is given.

{_READ_FROM}
Options:
  --expires=<days>   targets.json expires this many days from now.
  --custom=<data>    Sign this JSON object with each of them.
""",
    "remove": f"""\
usage: tuf remove [--expires=<days>] [--all] [<path>...]

Remove targets; commit deletes their files.

{_READ_FROM}
Options:
  --all              All of them.
  --expires=<days>   targets.json expires this many days from now.
""",
    "snapshot": f"""\
usage: tuf snapshot [--expires=<days>]

Make the next snapshot, which lists the targets metadata as it is now.

{_READ_FROM}
Options:
  --expires=<days>   It expires this many days from now.
""",
    "timestamp": f"""\
usage: tuf timestamp [--expires=<days>]

Make the next timestamp, which lists the snapshot as it is now.

{_READ_FROM}
Options:
  --expires=<days>   It expires this many days from now.
""",
    "payload": """\
usage: tuf payload <metadata>

Print what is signed of a metadata file, such as root.json, in canonical form.
""",
    "add-signatures": """\
usage: tuf add-signatures --signatures <sig_file> <metadata>

Add the signatures that sign-payload printed elsewhere; each is verified first.
""",
    "sign": f"""\
usage: tuf sign <metadata>

Sign a metadata file, such as root.json, with every key for it that is found in any file under keys/. A staged root is
also signed with keys of the committed root, because clients of that one need their signatures.

{_READ_FROM}""",
    "sign-payload": f"""\
usage: tuf sign-payload --role=<role> <path>

Sign what payload printed, with the keys of a role.

{_READ_FROM}""",
    "status": """\
usage: tuf status --valid-at=<date> <role>

Print nothing and exit with 0 if the role's metadata is valid at a date, else exit with 1.

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
is kept if the old targets.json can be read.

{_READ_FROM}
Options:
  --consistent-snapshot=<false>   With "false", file names have no hash as a prefix.
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

Encrypt keys/<role>.json with another passphrase, which is read from TUF_NEW_<ROLE>_PASSPHRASE or asked for; the old one
is read from TUF_<ROLE>_PASSPHRASE.
""",
    "root-keys": """\
usage: tuf root-keys

Print the public keys of root as a JSON array.
""",
    "clean": """\
usage: tuf clean

Discard the staged change, target files included.
""",
}
