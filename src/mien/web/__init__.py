"""The web page and the HTTP API: one process, offline, safe by default."""
