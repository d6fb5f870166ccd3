"""Does the sweep do what the engine does? Signal by signal, trade by trade."""
