"""Hours of replay at speed with many instruments: memory, missed bars, candle close to order (issue 5, outcome 9)."""
