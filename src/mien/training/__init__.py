"""Recipes, networks and the training loop (extra: train)."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes on its own build are not the user's business
