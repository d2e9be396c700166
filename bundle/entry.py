"""Where the one file for the stick begins."""

from __future__ import annotations

import sys

from tufkeep.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
