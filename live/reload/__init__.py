"""Another configuration for new entries while a system runs; open trades keep their plan (issue 5, outcome 2).

The command validates and asks, by way of the memory; the node's keeper takes the request up, has rules warmed up from
history in a thread of their own, and swaps between two bars: until then the old ones go on.
"""
