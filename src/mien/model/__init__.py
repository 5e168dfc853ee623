"""The model file, and what turns faces into probabilities."""
