"""What every Binance front door shares: keys, limits, parameters, sessions, faults on the wire."""
