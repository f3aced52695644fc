"""Reasons to doubt a label: arrays in, (N,) scores in [0, 1] out, 1 = doubt. It knows no database and no pages.

`heads` predicts every image with models that did not see it, `neighbours` finds the nearest images, `reasons` turns
both into doubts, `assess` combines them, and `explain` writes the sentence. `stopping`, `noise` and `confirmed` work on
decisions. This file imports nothing: the web process imports `explain`, `stopping` and `confirmed` only.
"""
