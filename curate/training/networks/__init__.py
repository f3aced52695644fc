"""The available networks, how one is built, and its pretrained weights."""
