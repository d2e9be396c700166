"""A working directory as a program holds it: plain arguments, one call for each thing to do."""

from __future__ import annotations

from tufkeep.workspace.working_directory import WorkingDirectory


class Workspace(WorkingDirectory):
    """One working directory."""
