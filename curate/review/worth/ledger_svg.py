"""The ledger's curve as an SVG, for reports without scripts."""

from collections.abc import Sequence

from curate.review.worth.ledger import Ledger

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 260, 56, 34, 12


def draw(ledger: Ledger) -> str:
    """Returns accuracy against decisions as a line, and as many random relabels as a dotted one."""
    curve = ledger.points
    placebo = [point.placebo[1] for point in curve]
    accuracies = [point.accuracy for point in curve]
    low, high = min(*accuracies, *placebo), max(*accuracies, *placebo)
    room = 0.08 * max(high - low, 0.01)
    low, high = low - room, high + room
    last = max(curve[-1].n, 1)

    def line(values: Sequence[float]) -> str:
        return " ".join(
            f"{LEFT + (WIDTH - LEFT - 8) * point.n / last:.1f},"
            f"{TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low):.1f}"
            for point, value in zip(curve, values, strict=True)
        )

    ticks = "".join(
        f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{100 * value:.1f} %</text>'
        for value, y in ((high - room, TOP + 12), (low + room, HEIGHT - BOTTOM - 4))
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Accuracy by decisions, in the order made">'
        f'<line x1="{LEFT}" y1="{HEIGHT - BOTTOM}" x2="{WIDTH - 8}" y2="{HEIGHT - BOTTOM}" stroke="var(--line)"/>'
        f"{ticks}"
        f'<text x="{LEFT}" y="{HEIGHT - 10}">0</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 10}" text-anchor="end">{curve[-1].n:,} decisions</text>'
        f'<polyline points="{line(placebo)}" fill="none" stroke="var(--quiet)" stroke-width="1.5" '
        'stroke-dasharray="3 4"/>'
        f'<polyline points="{line(accuracies)}" fill="none" stroke="var(--accent)" stroke-width="2.5"/></svg>'
    )
