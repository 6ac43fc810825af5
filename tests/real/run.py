"""Assess the real places and print their verdicts and the seconds of each stage as Markdown; nothing is kept."""

import tempfile
from pathlib import Path

import guixi
import porto_alegre

import lifecircle as lc

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PLACES = {"Porto Alegre": porto_alegre.write_study, "Guixi": guixi.write_study}
COLUMNS = ("standard", "rule_id", "unit_id", "low", "high", "threshold", "measured_in", "verdict")


def verdict_lines(result: lc.Result) -> list[str]:
    """One line of a Markdown table for every unit and rule."""
    rows = [[_cell(row[column]) for column in COLUMNS] for row in result.units.to_dict("records")]
    return table(COLUMNS, rows)


def seconds_lines(result: lc.Result) -> list[str]:
    """One line with the seconds of each stage and of all."""
    seconds = {**result.seconds, "all": sum(result.seconds.values())}
    return table(tuple(seconds), [[f"{number:.2f}" for number in seconds.values()]])


def table(header: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(line)} |" for line in (header, ["---"] * len(header), *rows)]


def _cell(value: object) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def main() -> None:
    """Print both places."""
    if not DATA.is_dir():
        raise SystemExit("the real places are not beside the project: there is no ../shared/data")
    for name, write_study in PLACES.items():
        with tempfile.TemporaryDirectory() as folder:
            result = lc.assess(write_study(Path(folder), DATA))
        tables = result.tables
        counts = (
            f"{len(tables.dwellings)} dwellings, {len(tables.facilities)} facilities, {len(tables.streets)} streets"
        )
        print(f"## {name}\n\n{counts}\n")
        print("\n".join([*verdict_lines(result), "", *seconds_lines(result), ""]))


if __name__ == "__main__":
    main()
