"""The report page of a run: one HTML file that opens offline."""

from research.report.console import console_table
from research.report.page import write_report
from research.report.prices import PriceSeries

__all__ = ["PriceSeries", "console_table", "write_report"]
