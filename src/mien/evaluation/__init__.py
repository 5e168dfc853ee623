"""How good a model is: figures, plots and reports (extra: evaluate)."""
