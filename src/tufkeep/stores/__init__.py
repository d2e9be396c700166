"""Where bytes live, behind one contract."""
