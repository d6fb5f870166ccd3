"""What must outlive the process: documents by key and a journal, in SQLite or PostgreSQL."""
