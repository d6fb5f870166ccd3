"""The dead man's switch as a state machine: what is seen, what is known, what is done (Spec 9.4). Pure."""
