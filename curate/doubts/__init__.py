"""Reasons to doubt a label: arrays in, (N,) scores in [0, 1] out, 1 = doubt. Knows arrays, no database and no pages.

`heads` predicts every image by models that did not see it, `neighbours` looks at what lies next to it, `reasons` turns
both into doubts, `assess` combines them, `explain` says in words why; `stopping`, `noise` and `verdicts` look at what
people decided. Nothing is imported here: the web process takes `explain`, `stopping` and `verdicts` alone.
"""
