"""TUF's rules as pure functions: bytes, values, a time go in; a verdict or new metadata comes out."""
