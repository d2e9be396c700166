"""python-tuf's trusted set comes without its HTTP client, and nobody who wants that client notices."""

from __future__ import annotations

import subprocess
import sys


def loaded(script: str) -> set[str]:
    printing = f"import sys; {script}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", printing], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_what_signs_and_commits_loads_no_http() -> None:
    modules = loaded("import tufkeep.workspace")
    assert "tuf.ngclient._internal.trusted_metadata_set" in modules
    assert not {"urllib3", "http.client", "ssl", "tuf.ngclient", "tuf.ngclient._internal"}.intersection(modules)


def test_python_tufs_own_client_is_whole_afterwards() -> None:
    script = (
        "from tufkeep.metadata.trusted import TrustedSet; import tuf.ngclient, tuf.ngclient.updater as updater; "
        "assert tuf.ngclient.Updater is updater.Updater and issubclass(TrustedSet, updater.TrustedMetadataSet)"
    )
    assert "urllib3" in loaded(script)


def test_a_client_that_was_loaded_before_stays() -> None:
    script = (
        "import tuf.ngclient as before; from tufkeep.metadata.ngclient import TrustedMetadataSet; "
        "import tuf.ngclient as after, tuf.ngclient.updater as updater; "
        "assert before is after and TrustedMetadataSet is updater.TrustedMetadataSet"
    )
    loaded(script)
