"""Recipes, networks and the training loop (extra: train)."""
