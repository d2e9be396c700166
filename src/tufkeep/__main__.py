"""`python -m tufkeep` is the program `tufkeep`."""

from __future__ import annotations

import sys

from tufkeep.cli.main import main

sys.exit(main())
