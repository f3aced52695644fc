"""What the decisions and runs say: progress of a review, label noise, comparisons of runs, the timeline."""
