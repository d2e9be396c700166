"""Where bytes live, behind one contract."""

from __future__ import annotations

from tufkeep.stores.errors import (
    LinkRefused,
    Locked,
    NameRefused,
    NotAFile,
    NotAFolder,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    StoreBroken,
    StoreDenied,
    StoreFault,
    StoreFull,
    StoreReadOnly,
    UnsafeName,
)
from tufkeep.stores.folder import FolderStore
from tufkeep.stores.holder import Holder
from tufkeep.stores.memory import MemoryStore
from tufkeep.stores.place import FilePath, Place, file_path, folder_at, folder_of, store_at
from tufkeep.stores.store import ALWAYS, CREATE, Condition, Entry, Store, Tag, Unchanged, chunks_of

__all__ = [
    "ALWAYS",
    "CREATE",
    "Condition",
    "Entry",
    "FilePath",
    "FolderStore",
    "Holder",
    "LinkRefused",
    "Locked",
    "MemoryStore",
    "NameRefused",
    "NotAFile",
    "NotAFolder",
    "ObjectChanged",
    "ObjectExists",
    "ObjectMissing",
    "ObjectTooLarge",
    "Place",
    "Store",
    "StoreBroken",
    "StoreDenied",
    "StoreFault",
    "StoreFull",
    "StoreReadOnly",
    "Tag",
    "Unchanged",
    "UnsafeName",
    "chunks_of",
    "file_path",
    "folder_at",
    "folder_of",
    "store_at",
]
