"""A comparison in words: which model is better, and whether that is more than chance."""

from mien.evaluation.compare import Comparison, Contender, Pair
from mien.evaluation.paired import CHANCE, Difference


def verdict(comparison: Comparison) -> str:
    """Return in a few sentences which model is best, by accuracy, and what balanced accuracy says of it.

    Example:
        >>> verdict(comparison)
        'b is better than a: right on 70.1% instead of 68.0% of 3,579 pictures, ...'
    """
    best, *others = sorted(comparison.models, key=lambda model: -(model.figures["accuracy"] or 0.0))
    behind = [other for other in others if _pair(comparison, best, other).p_adjusted < CHANCE]
    level = [other for other in others if other not in behind]
    other = (level or others)[0]
    pair = _pair(comparison, best, other)
    gain, shares = _toward(best, pair, "accuracy"), [f"{each.figures['accuracy']:.1%}" for each in (best, other)]
    of, test = f"of {comparison.n:,} pictures, {_points(gain)}", _test(pair, len(comparison.pairs))
    if level:
        first = (
            f"No clear winner: {best.name} is right on {shares[0]} and {other.name} on {shares[1]} {of}. "
            f"Chance alone could make that difference ({test})."
        )
    else:
        rest = " and than the others" if len(others) > 1 else ""
        first = (
            f"{best.name} is better than {other.name}{rest}: right on {shares[0]} instead of {shares[1]} {of}. "
            f"That is more than chance ({test})."
        )
    worse = f"Clearly behind: {', '.join(each.name for each in behind)}." if level and behind else ""
    return " ".join(part for part in (first, _balanced(best, other, pair), worse) if part)


def p_text(value: float) -> str:
    """Return a p-value as people read it.

    Example:
        >>> p_text(0.03125), p_text(0.00002)
        ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _pair(comparison: Comparison, one: Contender, other: Contender) -> Pair:
    return next(pair for pair in comparison.pairs if {pair.first, pair.second} == {one.name, other.name})


def _toward(best: Contender, pair: Pair, figure: str) -> Difference:
    """Return the difference turned so that it is positive where ``best`` has the higher figure."""
    found = pair.differences[figure]
    if pair.second == best.name or found.value is None or found.interval is None:
        return found
    return Difference(-found.value, [-found.interval[1], -found.interval[0]])


def _points(gain: Difference) -> str:
    if gain.value is None or gain.interval is None:
        return "with no difference to measure"
    low, high = (100 * end for end in gain.interval)
    return f"{100 * gain.value:+z.1f} points (95% interval {low:+z.1f} to {high:+z.1f})"


def _test(pair: Pair, pairs: int) -> str:
    together = f", for {pairs} pairs together" if pairs > 1 else ""
    return f"McNemar's test, {p_text(pair.p_adjusted)}{together}"


def _balanced(best: Contender, other: Contender, pair: Pair) -> str:
    """Say what balanced accuracy makes of it: on imbalanced data the two can differ."""
    gain = _toward(best, pair, "balanced_accuracy")
    if gain.clear:
        start, winner = ("With", best) if (gain.value or 0.0) > 0 else ("But with", other)
        lead = _points(_toward(winner, pair, "balanced_accuracy"))
        return f"{start} every class counted the same, {winner.name} is ahead: {lead}."
    return f"With every class counted the same, neither is clearly ahead: {_points(gain)} for {best.name}."
