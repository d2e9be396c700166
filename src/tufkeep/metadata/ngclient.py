"""python-tuf's trusted set, without the HTTP client that its package loads beside it.

The set itself needs no network, but importing anything below `tuf.ngclient` first runs that package, which brings
urllib3: half as long again as all the rest of python-tuf, in every command that signs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
else:
    _PACKAGES = ("tuf.ngclient", "tuf.ngclient._internal")

    def _load():
        """Import the module below its packages as they are before they have run, then forget these.

        Whoever imports tuf.ngclient afterwards gets all of it, and the same trusted set.
        """
        made = [name for name in _PACKAGES if name not in sys.modules]
        try:
            for name in made:
                sys.modules[name] = module_from_spec(find_spec(name))
            return import_module("tuf.ngclient._internal.trusted_metadata_set")
        finally:
            for name in made:
                del sys.modules[name]

    TrustedMetadataSet = _load().TrustedMetadataSet

__all__ = ["TrustedMetadataSet"]
