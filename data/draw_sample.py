"""Draw the sample district: `python data/draw_sample.py [--out DIR]` writes the same bytes each time.

The place, its names and its figures are invented. The plan is drawn by hand in `drawing/plan.py`; what fills it comes
from two generators with fixed seeds.
"""

import argparse
from pathlib import Path

import numpy as np

from drawing import fabric, files, ground, join, names, people, register

SEED = 20251231
PEOPLE_SEED = 20261231  # a stream of its own, so that who lives where changes nothing else
HERE = Path(__file__).resolve().parent


def draw_sample(out: Path) -> None:
    """Draw the district and write its five files to a folder."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    laid = ground.lay_ground()
    town = fabric.build_town(laid, rng)
    streets = join.join_streets(town.streets)
    names.name_dwellings(town, rng)
    households = register.share_households(town)
    facilities = register.fill_register(town, rng)
    people.tell_people(town, np.random.default_rng(PEOPLE_SEED))
    files.write_study(out / "study.toml")
    files.write_units(out / "units.gpkg", laid, households)
    files.write_facilities(out / "facilities.xlsx", facilities)
    files.write_dwellings(out / "dwellings.csv", town)
    files.write_streets(out / "streets.osm", town, streets)


def main() -> None:
    """Read the command line and draw."""
    reader = argparse.ArgumentParser(description="Draw the sample district.")
    reader.add_argument("--out", type=Path, default=HERE / "sample", help="folder to write to")
    draw_sample(reader.parse_args().out)


if __name__ == "__main__":
    main()
