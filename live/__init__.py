"""The live node: the same strategy, gate and desk as a back-test, on a venue's own stream (Spec 4.2, 9.4)."""
