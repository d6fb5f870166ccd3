"""Raw trades and quotes of a running node, written down as they come (Spec 4.2.1).

::

    engine --plain tuples--> bounded queue --> writer thread --frames--> DIR/spool/<life>-<n>.spool
                                                                              |  finished segments, by name
                                                                              v
                                                roller process --Parquet--> <record_catalog>/data/{quotes,trades}/...

What is promised:

- The node never waits: a full queue drops the newest row, counts it, and an alert says so within a second.
- A row has been handed to the operating system (``write`` has returned) within 10 ms of its receipt, p99, measured from
  the engine's own receipt stamp (``ts_init``) and told in the journal (RECORDER_FIGURES). What holds the node's thread
  up for longer holds this up too. From then on the row outlives the node's death by any signal.
- It is on the disk itself about a second later (``fdatasync``, by the roller): a power cut can cost that second.
- Parquet comes later: a segment is rolled after ``record_roll_secs`` or 32 MB, at the end of the node, or, when that
  was killed, by its roller, which outlives it; what neither did is read back at the next start. Rolling twice gives the
  same files: nothing is lost or doubled.
"""
