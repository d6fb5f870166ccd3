"""The Binance spot front door: REST, market streams and the WebSocket API, in JSON and, where a client asks, SBE."""
