"""Which missing numbers to ask for first: those that settle the most unknown verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from lifecircle.comply import Judged
from lifecircle.findings import NO_NUMBER, Missing

_COLUMNS = ["table", "key", "column", "name", "settles", "helps", "households", "verdicts"]


def missing_number_table(judged: Sequence[Judged], facilities: pd.DataFrame) -> pd.DataFrame:
    """The missing numbers on which unknown verdicts hang, those that settle the most first.

    A number settles a verdict if it is the only one missing in its figure: once it is known, whatever it is, the unit
    meets or does not. It helps where others are missing, too. Verdicts of rules that do not bind now count no less
    than the others: they tell as much of the unit.

    Parameters
    ----------
    judged
        From `judge_units`.
    facilities
        facility_id and name, for what is missing of facilities.

    Returns
    -------
    DataFrame
        table, key and column of the input, name (of the facility or unit), settles and helps (verdicts), households
        (known ones of the smallest unit among those verdicts), verdicts (unit_id, standard and rule_id of each).

    """
    settles: Counter[Missing] = Counter()
    helps: Counter[Missing] = Counter()
    households: dict[Missing, float] = {}
    verdicts: dict[Missing, list[tuple[str, str, str]]] = {}
    names = {unit.unit_id: unit.name for one in judged for unit in (one.unit,)}
    names |= dict(zip(facilities["facility_id"], facilities["name"], strict=True))
    for one in judged:
        if one.judged != "unknown" or one.rule.value is None:
            continue
        missing = one.finding.missing
        for number in missing - {NO_NUMBER}:
            (settles if len(missing) == 1 else helps)[number] += 1
            least = float(one.unit.households.low)
            verdicts.setdefault(number, []).append((one.unit.unit_id, one.standard.id, one.rule.id))
            households[number] = min(households.get(number, least), least)
    rows = [
        {**number._asdict(), "name": names.get(number.key) or number.key, "settles": settles[number],
         "helps": helps[number], "households": households[number], "verdicts": verdicts[number]}
        for number in {**settles, **helps}
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=_COLUMNS)
    order = table.assign(_settles=-table["settles"], _helps=-table["helps"], _households=-table["households"])
    keys = ["_settles", "_helps", "_households", "table", "key", "column"]
    return table.loc[order.sort_values(keys, kind="stable").index].reset_index(drop=True)
