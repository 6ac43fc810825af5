"""Naive twins of the equity figures: every filling-in of the unknown, pairs of people one by one, and fractions."""

from fractions import Fraction
from itertools import product

STATES = ("reached", "not_reached", "unknown")


# --- Shares ---------------------------------------------------------------------------------------------------------


def fillings(lots):
    """Every way to fill in lots (dicts of group, state, place, n_low, n_high): counts at their ends, states either way.

    Each is a list of (group, people, reached).
    """
    places = sorted({lot["place"] for lot in lots if lot["state"] == "unknown" and lot["place"] >= 0})
    alone = [number for number, lot in enumerate(lots) if lot["state"] == "unknown" and lot["place"] < 0]
    unsure = [number for number, lot in enumerate(lots) if lot["n_low"] != lot["n_high"]]
    for states in product((True, False), repeat=len(places) + len(alone)):
        goes = dict(zip([*(("place", one) for one in places), *(("lot", one) for one in alone)], states, strict=True))
        for ends in product(("n_low", "n_high"), repeat=len(unsure)):
            end = dict(zip(unsure, ends, strict=True))
            yield [
                (lot["group"], int(lot[end.get(number, "n_low")]), _reached(lot, number, goes))
                for number, lot in enumerate(lots)
            ]


def _reached(lot, number, goes):
    if lot["state"] != "unknown":
        return lot["state"] == "reached"
    return goes["place", lot["place"]] if lot["place"] >= 0 else goes["lot", number]


def figures(filled):
    """For each group with people: size, share that reaches, gap, unserved, part of the unserved, that over its part."""
    groups = sorted({group for group, _, _ in filled})
    size = {one: sum(n for group, n, _ in filled if group == one) for one in groups}
    got = {one: sum(n for group, n, reached in filled if group == one and reached) for one in groups}
    share = {one: Fraction(got[one], size[one]) for one in groups if size[one]}
    unserved = sum(size.values()) - sum(got.values())
    found = {}
    for one in share:
        mine = size[one] - got[one]
        rivals = [share[other] for other in share if other != "unknown"]
        found[one] = {
            "n": size[one],
            "share": share[one],
            "gap": max([Fraction(0), *(rival - share[one] for rival in rivals)]),
            "unserved": mine,
        }
        if unserved:
            part = Fraction(mine, unserved)
            found[one] |= {"unserved_share": part, "over_representation": part * sum(size.values()) / size[one]}
    return found


def ends(lots):
    """Lowest and highest of every figure of every group over all fillings."""
    found = {}
    for filled in fillings(lots):
        for group, numbers in figures(filled).items():
            for name, number in numbers.items():
                low, high = found.get((group, name), (number, number))
                found[group, name] = min(low, number), max(high, number)
    return found


# --- Inequality -----------------------------------------------------------------------------------------------------


def naive_gini(amounts, weights):
    """Half the mean difference of all pairs, over the mean."""
    people = sum(weights)
    total = sum(weight * amount for amount, weight in zip(amounts, weights, strict=True))
    if not total:
        return Fraction(0)
    apart = sum(
        w * v * abs(x - y) for x, w in zip(amounts, weights, strict=True) for y, v in zip(amounts, weights, strict=True)
    )
    return Fraction(apart) / Fraction(2 * people * total)


def naive_lorenz(amounts, weights):
    """Corners of the curve: person by person from the poorest."""
    people = sorted(x for x, w in zip(amounts, weights, strict=True) for _ in range(w))
    total = sum(people)
    corners = [(Fraction(0), Fraction(0))]
    for number in range(1, len(people) + 1):
        share = Fraction(number, len(people))
        corners.append((share, Fraction(sum(people[:number]), total) if total else share))
    return corners


def lowest_gini(lows, highs, weights):
    """Over all whole amounts within the ends."""
    choices = product(*(range(low, high + 1) for low, high in zip(lows, highs, strict=True)))
    return min(naive_gini(amounts, weights) for amounts in choices)


def highest_gini(lows, highs, weights):
    """Over all choices of one end for each: the index is quasi-convex, so that no amounts between give more."""
    return max(naive_gini(amounts, weights) for amounts in product(*zip(lows, highs, strict=True)))


def naive_concentration(units):
    """(unserved, households) of each unit: units of half, share of the worst tenth, and the index by its curve."""
    total = sum(bad for bad, _ in units)
    everybody = sum(homes for _, homes in units)
    worst = sorted((bad for bad, _ in units), reverse=True)
    half = next(k for k in range(1, len(units) + 1) if 2 * sum(worst[:k]) >= total)
    tenth = next(k for k in range(1, len(units) + 1) if 10 * k >= len(units))
    area, x, y = Fraction(0), Fraction(0), Fraction(0)
    for bad, homes in sorted(units, key=lambda unit: Fraction(unit[0], unit[1])):
        area += Fraction(homes, everybody) * (y + y + Fraction(bad, total)) / 2
        x, y = x + Fraction(homes, everybody), y + Fraction(bad, total)
    return half, Fraction(sum(worst[:tenth]), total), 1 - 2 * area
