"""Looking without touching: what is signed by whom, what is wrong, how to mend it."""
