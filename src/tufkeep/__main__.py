"""`python -m tufkeep` is the program `tufkeep`."""

from __future__ import annotations

import sys

if not sys.flags.safe_path:
    sys.path.pop(0)  # the folder that somebody is in: a file on a drive must not be taken for a module that we import

from tufkeep.cli.main import main

sys.exit(main())
