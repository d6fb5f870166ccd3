"""How much of a search's best result is luck: Sharpe probabilities, overfitting, bootstrap intervals, one sentence."""
