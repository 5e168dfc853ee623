"""Data sets on disk: folders, FER2013 tables, votes, splits and drawn faces."""
