"""The watchdog as a process: eyes, hands, disk and the loop around ``monitoring.watchdog``."""
