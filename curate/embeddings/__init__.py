"""Embeddings of pictures, the quick look fitted on them, and the map's layout. It knows arrays and files, no database.

Imported by job processes and by `training`; only `pixel_features` and `cache` are free of torch.
"""
