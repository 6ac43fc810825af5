"""Naive twin of floor area within reach: the two-step floating catchment by loops, in a town where all is known."""

from collections import defaultdict

from oracles import naive_decay


def weights_of(pairs, limit_min, decay):
    """The weight of each walk (dwelling, facility) from its minutes, told to a hundredth of a second."""
    told = {pair: float(round(minutes * 6000)) / 6000 for pair, minutes in pairs.items() if minutes <= limit_min}
    return {pair: naive_decay(minutes, limit_min, decay) for pair, minutes in told.items()}


def naive_reachable(weights, households, areas):
    """Square metres per 100 households of every dwelling, and the facilities that somebody shares.

    `weights` by (dwelling, facility), `households` by dwelling, `areas` by facility.
    """
    demand = defaultdict(float)
    for (home, goal), weight in weights.items():
        demand[goal] += households[home] * weight
    got = dict.fromkeys(households, 0.0)
    for (home, goal), weight in weights.items():
        if demand[goal] > 0:
            got[home] += 100 * weight * areas[goal] / demand[goal]
    return got, {goal for goal in areas if demand[goal] > 0}


def naive_unit_means(got, households, homes_of, totals):
    """The mean of dwellings over the households of each unit that has some; `homes_of` names its dwellings."""
    return {
        unit: sum(households[home] * got[home] for home in homes_of[unit]) / total
        for unit, total in totals.items()
        if total > 0
    }
