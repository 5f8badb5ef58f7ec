"""Neural nets as ONNX graphs: which there are, what they run on, and what is done with them."""

import os

#: Read by onnxruntime when it is loaded: without it, it reports each session to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
