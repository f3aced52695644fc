"""The line over all versions and runs as an SVG, for reports without scripts."""

from collections.abc import Sequence

from curate.review.worth.all_runs import RunPoint

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 240, 56, 40, 24
MOST_NAMED = 20  # runs with their number below


def draw(line: Sequence[RunPoint]) -> str:
    """Returns the accuracies with 95 % intervals, joined by a line; a dashed rule where a newer version begins."""
    low, high = min(one.accuracy.low for one in line), max(one.accuracy.high for one in line)
    room = 0.06 * max(high - low, 0.02)
    low, high = low - room, high + room
    step = (WIDTH - LEFT - 24) / max(1, len(line) - 1)
    across = [LEFT + 12 + step * place for place in range(len(line))]

    def down(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    ticks = "".join(
        f'<text x="{LEFT - 8}" y="{down(value) + 4:.1f}" text-anchor="end">{100 * value:.0f} %</text>'
        for value in (low + room, high - room)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Accuracy of all runs in their order">'
        f'<line x1="{LEFT}" y1="{HEIGHT - BOTTOM}" x2="{WIDTH - 8}" y2="{HEIGHT - BOTTOM}" stroke="var(--line)"/>'
        f"{ticks}{_versions(line, across)}{_names(line, across)}"
        f'<polyline points="{" ".join(f"{x:.1f},{down(p.accuracy.value):.1f}" for x, p in _pairs(across, line))}" '
        'fill="none" stroke="var(--accent)" stroke-width="2"/>'
        + "".join(
            f'<line x1="{x:.1f}" y1="{down(one.accuracy.low):.1f}" x2="{x:.1f}" y2="{down(one.accuracy.high):.1f}" '
            'stroke="var(--quiet)" stroke-width="1.5"/>'
            f'<circle cx="{x:.1f}" cy="{down(one.accuracy.value):.1f}" r="4" fill="var(--accent)"/>'
            for x, one in _pairs(across, line)
        )
        + "</svg>"
    )


def _versions(line: Sequence[RunPoint], across: Sequence[float]) -> str:
    numbers = [one.run.version_number for one in line]
    begun = [place for place in range(len(line)) if place == 0 or numbers[place] != numbers[place - 1]]
    shown = begun if len(begun) <= MOST_NAMED else []
    step = across[1] - across[0] if len(across) > 1 else 0.0
    words = "".join(f'<text x="{across[place] - 4:.1f}" y="14">version {numbers[place]}</text>' for place in shown[:8])
    rules = "".join(
        f'<line x1="{across[place] - step / 2:.1f}" y1="{TOP}" x2="{across[place] - step / 2:.1f}" '
        f'y2="{HEIGHT - BOTTOM}" stroke="var(--line)" stroke-dasharray="3 4"/>'
        for place in shown
        if place
    )
    return rules + (words if len(shown) <= 8 else "")


def _names(line: Sequence[RunPoint], across: Sequence[float]) -> str:
    every = -(-len(line) // MOST_NAMED)
    return (
        "".join(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{one.run.number}</text>'
            for x, one in _pairs(across, line)[::every]
        )
        + f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 4}" text-anchor="middle">run</text>'
    )


def _pairs(across: Sequence[float], line: Sequence[RunPoint]) -> list[tuple[float, RunPoint]]:
    return list(zip(across, line, strict=True))
