"""Neural nets as ONNX graphs: which there are, what they run on, and what is done with them."""
