"""The Predict page: which runs answer, where pictures come from, and what is shown of the answers."""
