"""TUF's rules as pure functions: bytes, values and a time go in; a verdict or new metadata comes out."""
