"""Pictures on more than one process or machine: cut into parts, shared out by Ray, written as Parquet."""
