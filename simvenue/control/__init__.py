"""The second port: look at the truth, move the market, arm faults. No venue has it; tests and demos do."""
