"""Training with fastai: pictures and labels as arrays in, a model and scores out; no database, no UI."""
