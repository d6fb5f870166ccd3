"""Walk-forward: parameters chosen on the past, tried on what came after, again and again (Spec 3.5.3, D39)."""
