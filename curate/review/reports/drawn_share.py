"""What the images drawn at random within an order say of all labels (`listing.random_draws`)."""

from dataclasses import dataclass

import numpy as np

from curate.evaluation.intervals import Interval, exact_interval
from curate.review.listing import decision_columns, random_draws, score_columns
from curate.review.reports.reviewed_so_far import find_reviewed

FEWEST = 20  # checked images before which no share is stated


@dataclass(frozen=True)
class DrawnShare:
    """The first `n_checked` images of the sequence, all of them reviewed; `n_wrong` labels were wrong.

    Counting ends at the first that nobody has decided on: those left out would rarely be like the others. n: images
    that were drawn from, with the labels that the run was trained with.
    """

    n: int
    n_checked: int
    n_wrong: int

    @property
    def wrong_in_all(self) -> Interval:
        """Wrong labels among all n images, in images; an exact 95 % interval that owes nothing to any model."""
        share, most = exact_interval(self.n_wrong, self.n_checked), self.n - (self.n_checked - self.n_wrong)
        low, high = (min(max(self.n * end, self.n_wrong), most) for end in (share.low, share.high))
        return Interval(self.n * share.value, low, high)


def find_drawn_share(run_id: int) -> DrawnShare:
    """Returns how far the drawn images of a run are reviewed; 5 ms at a million images."""
    columns, decisions, reviewed = score_columns.of_run(run_id), decision_columns.of_run(run_id), find_reviewed(run_id)
    rows = random_draws.draws(columns)
    ids = columns.image_ids[rows]
    is_decided = np.isin(ids, reviewed.image_ids)
    is_confirmed = decisions.is_confirmed[rows] & (decisions.decision[rows] == 0)
    has_left = ~decisions.is_active[rows] & ~is_decided  # taken out of the project by something else than a review
    is_checked = (is_decided | is_confirmed)[~has_left]
    n_checked = int(np.argmin(is_checked)) if not is_checked.all() else len(is_checked)
    first = ids[~has_left][:n_checked]
    return DrawnShare(columns.n, n_checked, int(np.isin(first, reviewed.image_ids[reviewed.is_error]).sum()))
