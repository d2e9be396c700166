"""Every command and option of both originals: what to type, and whether the answer is to be the same."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["same", "different"]
OURS = "--insecure-plaintext"
KEY_ID = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line to type in both twins."""

    line: str
    verdict: Verdict = "same"
    why: str = ""  # it is different
    shows: str = ""  # what it is about, where the line does not say it
    start: str = "fresh-plain"  # the fixture that both begin with; "" is an empty folder
    before: tuple[str, ...] = ()  # what is typed first
    files: tuple[str, ...] = ()  # put under staged/targets before that
    environment: tuple[tuple[str, str], ...] = ()
    plain: bool = True  # without passphrases

    @property
    def arguments(self) -> list[str]:
        return _words(self.line, plain=self.plain)

    @property
    def first(self) -> list[list[str]]:
        return [_words(line, plain=self.plain) for line in self.before]

    @property
    def name(self) -> str:
        """The command that it is about."""
        words = [word for word in shlex.split(self.line) if not word.startswith("-")]
        return words[1] if len(words) > 1 and words[1] != "DIR" else "tuf"


def _words(line: str, *, plain: bool) -> list[str]:
    words = shlex.split(line)[1:]
    return [OURS, *words] if plain and not (words and words[0].startswith(("-", "help"))) else words


HELP = "the usage line is the same, the explanation is ours"
PUBLISHED = ("tuf add", "tuf snapshot", "tuf timestamp", "tuf commit")
DEEP = "".join(f"/{part}" for part in ("..", ".", "", "a"))

TUF: tuple[Case, ...] = (
    # the program
    Case(line="tuf", shows="no command"),
    Case(line="tuf help", verdict="different", why="the list is ours"),
    Case(line="tuf -h", verdict="different", why="the list is ours"),
    Case(line="tuf --help", verdict="different", why="the list is ours"),
    Case(line="tuf help add", verdict="different", why=HELP),
    Case(line="tuf add --help", verdict="different", why=HELP),
    Case(line="tuf help help"),
    Case(line="tuf bogus"),
    Case(line="tuf -x add", shows="an unknown option"),
    Case(line="tuf -d"),
    Case(line="tuf -d . get-threshold root", shows="-d DIR"),
    Case(line="tuf -d=. get-threshold root", shows="-d=DIR, which is a folder called =DIR"),
    Case(line="tuf --dir . get-threshold root", shows="--dir DIR"),
    Case(line="tuf --di=. get-threshold root", shows="--dir=DIR, cut short"),
    Case(line="tuf --insec get-threshold root", shows="--insecure-plaintext, cut short"),
    Case(line="tuf -d nowhere get-threshold root", shows="a folder that is not there"),
    Case(line="tuf get-threshold --dir=. root", shows="a global option behind the command"),
    # init
    Case(line="tuf init", start=""),
    Case(line="tuf init --consistent-snapshot=false", start=""),
    Case(line="tuf init --consistent-snapshot=False", start="", shows="only the word false means false"),
    Case(line="tuf init", start="", before=("tuf init",), shows="again, with nothing lost"),
    Case(line="tuf init extra"),
    Case(
        line="tuf init",
        shows="over a repository with targets",
        verdict="different",
        why="the same error, with a hint",
    ),
    Case(
        line="tuf init",
        before=("tuf remove --all", "tuf snapshot", "tuf timestamp", "tuf commit"),
        shows="over a repository without targets",
        verdict="different",
        why="go-tuf stages root v1 without keys over it; ours refuses",
    ),
    Case(
        line="tuf init",
        start="",
        before=("tuf init", "tuf gen-key root"),
        shows="over staged keys",
        verdict="different",
        why="go-tuf forgets the staged keys; ours refuses",
    ),
    # gen-key
    Case(line="tuf gen-key --expires=4000 root"),
    Case(
        line="tuf gen-key root",
        verdict="different",
        why="go-tuf lets the root expire in a year; ours does not shorten its validity",
    ),
    Case(
        line="tuf gen-key targets",
        start="",
        shows="without init",
        verdict="different",
        why="the root expires in a year; go-tuf gives it the three months of a targets key",
    ),
    Case(line="tuf gen-key --expires=4000 targets"),
    Case(line="tuf gen-key --exp 4000 targets", shows="cut short, with a space"),
    Case(line="tuf gen-key --expires=4000 timestamp"),
    Case(line="tuf gen-key --scheme=ed25519 --expires=4000 snapshot"),
    Case(line="tuf gen-key --scheme=ecdsa-sha2-nistp256 --expires=4000 snapshot"),
    Case(line="tuf gen-key --scheme=rsassa-pss-sha256 --expires=4000 snapshot"),
    Case(
        line="tuf gen-key --scheme=bogus --expires=4000 snapshot",
        verdict="different",
        why="the same word of it, with an end of line",
    ),
    Case(line="tuf gen-key bogus"),
    Case(line="tuf gen-key"),
    Case(line="tuf gen-key root --expires=3", shows="an option behind the role"),
    Case(line="tuf gen-key --expires=0 root"),
    Case(line="tuf gen-key --expires=-3 root"),
    Case(line="tuf gen-key --expires=abc root"),
    Case(line="tuf gen-key --expires=1.5 root"),
    Case(line="tuf gen-key --expires= --scheme=ed25519 bogus", shows="an empty --expires is none"),
    Case(
        line="tuf gen-key timestamp",
        verdict="different",
        why="go-tuf lets the root expire in a day; ours does not shorten its validity",
    ),
    Case(
        line="tuf gen-key --expires=30 targets",
        verdict="different",
        why="the same, with a warning that the root expires earlier now",
    ),
    Case(line="tuf gen-key --expires=4000 targets", start="fresh", plain=False, shows="encrypted, further key"),
    Case(line="tuf gen-key --expires=4000 targets", start="releaser", plain=False, shows="without root keys"),
    Case(
        line="tuf gen-key targets",
        start="fresh",
        plain=False,
        environment=(("TUF_TARGETS_PASSPHRASE", "wrong"),),
        shows="with a wrong passphrase",
    ),
    Case(
        line="tuf gen-key targets",
        start="",
        plain=False,
        environment=(("TUF_TARGETS_PASSPHRASE", ""),),
        shows="without a terminal",
        verdict="different",
        why="the same error, with a hint",
    ),
    Case(line="tuf --insecure-plaintext gen-key targets", start="fresh", plain=False, shows="over an encrypted file"),
    # revoke-key
    Case(line="tuf revoke-key --expires=4000 targets '<targets 0>'"),
    Case(line="tuf revoke-key --expires=4000 targets '<targets 0>'", before=("tuf gen-key --expires=4000 targets",)),
    Case(line=f"tuf revoke-key targets {KEY_ID}"),
    Case(line="tuf revoke-key bogus x"),
    Case(line="tuf revoke-key --expires=x targets y"),
    Case(line="tuf revoke-key targets"),
    Case(
        line="tuf revoke-key targets '<targets 0>'",
        verdict="different",
        why="go-tuf lets the root expire in a year; ours does not shorten its validity",
    ),
    # add
    Case(line="tuf add", shows="nothing, which extends the validity of targets"),
    Case(line="tuf add --expires=30"),
    Case(line="tuf add", files=("a", "dir/b")),
    Case(line="tuf add a", files=("a", "dir/b")),
    Case(line=f"tuf add ..{DEEP}", files=("a",), shows="dots and slashes"),
    Case(line="""tuf add --custom='{"version":"1","n":[1,null,true]}' a""", files=("a",)),
    Case(line="tuf add a", files=("a",), before=("""tuf add --custom='{"v":"1"}' a""",), shows="custom data stays"),
    Case(line="tuf add nope"),
    Case(line="tuf add dir", files=("dir/b",), verdict="different", why="the same error, with a hint"),
    Case(line="tuf add --custom='{\"v\":1.5}' a", files=("a",), verdict="different", why="another wording"),
    Case(line="tuf add --custom='{' a", files=("a",), verdict="different", why="another wording"),
    Case(
        line="tuf add --custom=9007199254740993 a",
        files=("a",),
        verdict="different",
        why="go-tuf signs what never verifies; ours wants a JSON object",
    ),
    Case(
        line="""tuf add --custom='{"n":9007199254740993}' a""",
        files=("a",),
        verdict="different",
        why="go-tuf signs what never verifies; ours refuses",
    ),
    Case(line="tuf add", start="fresh", plain=False, environment=(("TUF_TARGETS_PASSPHRASE", "wrong"),)),
    Case(
        line="tuf add",
        start="",
        before=("tuf init",),
        shows="with no key of targets",
        verdict="different",
        why="go-tuf says nothing; ours warns that targets.json is not signed",
    ),
    # remove
    Case(line="tuf remove"),
    Case(line="tuf remove hello.txt"),
    Case(line="tuf remove --expires=30 hello.txt"),
    Case(line="tuf remove nope"),
    Case(line="tuf remove --all", before=("tuf remove hello.txt",)),
    Case(line="tuf remove --al", before=("tuf remove hello.txt",), shows="--all, cut short"),
    Case(line="tuf remove --all=x"),
    # snapshot, timestamp
    Case(line="tuf snapshot"),
    Case(line="tuf snapshot --expires=30"),
    Case(line="tuf snapshot", start=""),
    Case(
        line="tuf snapshot",
        start="releaser",
        plain=False,
        shows="under an unsigned root",
        verdict="different",
        why="the same error, with a hint",
    ),
    Case(line="tuf snapshot extra"),
    Case(line="tuf timestamp"),
    Case(line="tuf timestamp --expires=30"),
    Case(line="tuf timestamp", start=""),
    Case(line="tuf timestamp", start="fresh", plain=False),
    # payload, sign, signatures
    Case(line="tuf payload root.json"),
    Case(line="tuf payload targets.json"),
    Case(line="tuf payload root"),
    Case(line="tuf payload nope.json"),
    Case(line="tuf sign root.json", before=("tuf gen-key --expires=4000 targets",)),
    Case(line="tuf sign targets.json", before=("tuf add",)),
    Case(line="tuf sign root.json", start="cs-false", plain=False, before=("tuf gen-key --expires=4000 root",)),
    Case(line="tuf sign root"),
    Case(line="tuf sign nope.json"),
    Case(line="tuf sign"),
    Case(
        line="tuf sign root.json",
        shows="when it is committed and signed",
        verdict="different",
        why="go-tuf stages a copy under the old version, which the next change then reuses; ours has nothing to do",
    ),
    Case(
        line="tuf sign root.json",
        start="three-root-keys",
        plain=False,
        environment=(("TUF_ROOT_PASSPHRASE", "root pass 2"),),
        shows="with root1.json to root3.json and no root.json",
        verdict="different",
        why="go-tuf finds no key; ours finds it by its id, in any file",
    ),
    Case(
        line="tuf sign targets.json",
        start="",
        before=("tuf init",),
        shows="with no key of targets",
        verdict="different",
        why="the same error, with a hint",
    ),
    Case(line="tuf sign-payload --role=root repository/timestamp.json", shows="any JSON file"),
    Case(line="tuf sign-payload --role root repository/timestamp.json", shows="with a space"),
    Case(line="tuf sign-payload --role=root nofile"),
    Case(line="tuf sign-payload nofile"),
    Case(line="tuf add-signatures --signatures nofile root.json"),
    Case(line="tuf add-signatures --signatures=nofile root.json"),
    Case(
        line="tuf add-signatures --sig staged/targets/none root.json",
        files=("none",),
        shows="no signatures",
        verdict="different",
        why="another wording",
    ),
    Case(
        line="tuf add-signatures --signatures staged/targets/empty root.json",
        files=("empty=[]",),
        before=("tuf gen-key --expires=4000 targets",),
    ),
    Case(
        line="tuf add-signatures --signatures staged/targets/odd root.json",
        files=(f'odd=[{{"keyid":"{KEY_ID}","sig":"00"}}]',),
        before=("tuf gen-key --expires=4000 targets",),
        shows="by a key that is not root's",
    ),
    # status
    Case(line="tuf status --valid-at=2030-01-01T00:00:00Z root"),
    Case(line="tuf status --valid-at 2030-01-01T00:00:00+02:00 timestamp"),
    Case(line="tuf status --valid-at=2050-01-01T00:00:00Z targets"),
    Case(line="tuf status --valid-at='02 Jan 30 15:04 UTC' root"),
    Case(line="tuf status --valid-at='02 Jan 50 15:04 UTC' root"),
    Case(line="tuf status --valid-at='Wed Jan  2 15:04:05 UTC 2030' root"),
    Case(line="tuf status --valid-at='Sun Jan  2 15:04:05 UTC 2050' snapshot"),
    Case(line="tuf status --valid-at=tomorrow root"),
    Case(line="tuf status --valid-at=2030-01-01T00:00:00Z foo"),
    Case(line="tuf status root"),
    Case(
        line="tuf status --valid-at=2026-12-01T00:00:00Z root",
        start="",
        shows="where there is nothing",
        verdict="different",
        why="go-tuf calls metadata valid that is not there; ours says so",
    ),
    # commit, clean, regenerate
    Case(line="tuf commit", shows="with nothing staged"),
    Case(line="tuf commit", before=("tuf add", "tuf snapshot", "tuf timestamp"), files=("a", "dir/b")),
    Case(
        line="tuf commit",
        start="cs-false",
        plain=False,
        before=("tuf add", "tuf snapshot", "tuf timestamp"),
        files=("a", "dir/b"),
        shows="without consistent snapshots",
    ),
    Case(line="tuf commit", start=""),
    Case(
        line="tuf commit", before=("tuf add",), verdict="different", why="the same error, with a hint; lengths differ"
    ),
    Case(line="tuf commit", before=("tuf gen-key --expires=4000 targets",)),
    Case(line="tuf commit", before=("tuf set-threshold targets 2",)),
    Case(
        line="tuf commit",
        files=("a",),
        shows="with a file that was not added",
        verdict="different",
        why="go-tuf deletes the file; ours leaves it and warns",
    ),
    Case(line="tuf clean", before=("tuf add",), files=("a",)),
    Case(line="tuf clean", start=""),
    Case(line="tuf clean", start="", before=("tuf init",)),
    Case(line="tuf regenerate", verdict="different", why="go-tuf says that it does nothing; ours does it"),
    Case(
        line="tuf regenerate --consistent-snapshot=false",
        start="cs-false",
        plain=False,
        verdict="different",
        why="go-tuf says that it does nothing; ours does it",
    ),
    # thresholds
    Case(line="tuf get-threshold root"),
    Case(line="tuf get-threshold bogus"),
    Case(line="tuf get-threshold root", start=""),
    Case(line="tuf get-threshold root", start="", before=("tuf init",)),
    Case(line="tuf set-threshold root 1", shows="as it is"),
    Case(line="tuf set-threshold root 2", before=("tuf gen-key --expires=4000 root",)),
    Case(line="tuf set-threshold root x"),
    Case(line="tuf set-threshold bogus 1"),
    Case(line="tuf set-threshold root 2", start=""),
    Case(
        line="tuf set-threshold root 3",
        shows="above the number of keys",
        verdict="different",
        why="the same, with a warning that nothing can be committed so",
    ),
    Case(
        line="tuf set-threshold targets 0",
        verdict="different",
        why="go-tuf takes it, and from then on nothing works; ours refuses",
    ),
    # passphrases, root keys
    Case(
        line="tuf change-passphrase root", start="fresh", plain=False, environment=(("TUF_NEW_ROOT_PASSPHRASE", "n"),)
    ),
    Case(
        line="tuf change-passphrase root",
        plain=False,
        environment=(("TUF_NEW_ROOT_PASSPHRASE", "n"),),
        shows="of a file in the open",
    ),
    Case(line="tuf change-passphrase root", start="three-root-keys", plain=False, shows="without the file"),
    Case(
        line="tuf change-passphrase root",
        start="fresh",
        plain=False,
        environment=(("TUF_ROOT_PASSPHRASE", "wrong"), ("TUF_NEW_ROOT_PASSPHRASE", "n")),
        shows="with a wrong passphrase",
    ),
    Case(line="tuf --insecure-plaintext change-passphrase root", start="fresh"),
    Case(line="tuf root-keys", start="three-root-keys", plain=False),
    Case(line="tuf root-keys", start=""),
)
