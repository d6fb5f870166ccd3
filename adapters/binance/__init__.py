"""A thin synchronous client of Binance, for who must not depend on the engine: watchdog, doctor, warm-up."""
