"""The model file, and what turns faces into probabilities."""

import os

# ONNX Runtime from 1.29 on keeps a number for the machine in the user's cache and reports to its makers. mien works
# offline and tells nobody; the variable is read once, when ONNX Runtime is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
