"""The commands: one file each, named in `tufkeep.cli.table`."""
