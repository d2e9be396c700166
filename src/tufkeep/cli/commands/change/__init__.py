"""Stage a change, review it, sign it, commit it."""
