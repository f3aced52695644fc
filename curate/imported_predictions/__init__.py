"""Predictions of a model from elsewhere: a table's or an ONNX file's, matched with a project's images."""
