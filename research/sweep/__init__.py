"""The sweep: the rules of strategy, risk and lifecycle looped over a whole history, many parameter sets at once."""
