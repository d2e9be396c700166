"""A working directory: repository/, staged/, keys/ with their policy."""
