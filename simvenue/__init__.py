"""A simulated exchange in its own process: a venue's wire protocol in front, matching, accounts and a ledger behind."""
