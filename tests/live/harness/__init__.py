"""A live node and a venue that misbehaves, both real processes, driven through one trade; their books compared."""
