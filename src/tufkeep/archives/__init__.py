"""What an archive may contain: one set of rules, asked by whoever adds one and by whoever unpacks it."""
