"""The Binance USD-M front door: its REST, streams and WebSocket API over the exchange."""
