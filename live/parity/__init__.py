"""Live equals back-test: the same candles through both, signals, decisions and trades side by side."""
