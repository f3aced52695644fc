"""A run's model as one ONNX graph: squares of pixels in; probabilities, logits and an embedding out. No database here.

Inputs and outputs: `pixels` (n, S, S, 3) uint8; `probabilities` (n, C) float32, rows sum to 1, columns in the order of
the run's labels; `logits` (n, C), whose softmax they are; `embedding` (n, D), the averages of what the body sees.
"""

GRAPH = "model.onnx"
NO_GRAPH = "no_graph.json"  # {"why": a sentence}: of a model that has none
INPUT = "pixels"
OUTPUTS = ("probabilities", "logits", "embedding")
OPSET = 18
