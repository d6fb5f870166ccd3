"""What is wrong with an account: the venue's positions and orders beside the trades that are kept. Pure."""
