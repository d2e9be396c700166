"""What a push leaves behind: nothing in what is published, and no need of a note in the working directory."""

from __future__ import annotations

from pathlib import Path

from tests.publish.conftest import new_releaser
from tufkeep.publish.remote import Remote
from tufkeep.stores import FolderStore
from tufkeep.stores.names import temporary
from tufkeep.testing.broken import BrokenStore
from tufkeep.testing.clock import FakeClock


def _folder(path: Path) -> Remote:
    return Remote.at(FolderStore(path, durable=False), name="folder")


def test_the_next_push_sweeps_what_a_killed_one_left_in_the_published_folder(clock: FakeClock, tmp_path: Path) -> None:
    releaser = new_releaser(_folder(tmp_path), clock)
    releaser.push()
    left = [tmp_path / temporary("root.json", "0" * 16), tmp_path / "targets" / temporary("tool", "1" * 16)]
    (tmp_path / "targets").mkdir(exist_ok=True)
    for path in left:
        path.write_text("half a file")
    releaser.release("more", b"more")
    releaser.push()
    assert not any(path.exists() for path in left)


def test_a_directory_that_takes_no_note_publishes_with_a_warning_and_again(clock: FakeClock, tmp_path: Path) -> None:
    releaser = new_releaser(_folder(tmp_path), clock)
    releaser.release("more", b"more")
    whole = releaser.store
    for _ in range(2):
        releaser.store = BrokenStore(whole, stop_at=1, full=True)
        pushed = releaser.push()
        assert any("can't remember it" in warning for warning in pushed.warnings)
    releaser.store = whole
    releaser.release("other", b"other")
    assert releaser.push().warnings == ()
