"""What speaks to venues by itself, beside the engine's clients."""
