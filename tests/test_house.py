"""The house keeps its order: what may import what, what must never appear, and what the README promises."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "coverage" / "lifecircle"
# Stages in order; a module may import its own stage and those before it.
STAGES = {
    "ground": [
        "errors", "faults", "tables", "words", "settings", "rules", "standards",
        "walkers", "crs", "shares", "services", "intervals", "keys", "places", "provenance",
        "datums", "misplaced", "topology", "whereabouts",
        "cuts", "streets", "compounds", "heights", "nearest", "layout", "kernels", "graph", "searches",
    ],
    "read": ["given", "study", "naming", "repairs", "living", "spreading", "readers"],
    "check": [
        "accesses", "registers", "nesting", "shifts", "boundaries", "alike", "spots", "plausibility", "touched",
        "checks",
    ],
    "network": ["costs", "nodes", "pieces", "network", "store", "snapping", "onedge"],
    "reach": [
        "reach", "areas", "floating", "islands", "roads", "catching", "walking",
        "borders", "parts", "optimum", "grouping", "circlemap", "circles", "circling",
    ],
    "comply": [
        "ledger", "findings", "phrases", "floor_areas", "walked", "counts", "measures", "rollup", "pools", "reachable",
        "reasons", "comply", "asking",
        "suppression", "groups", "gini", "equity", "inequality", "concentration", "fairness", "judging",
    ],
    "result": ["summary", "manifest", "result"],
    "publish": ["publish"],
    "above": ["flow", "download", "starter", "cli", "__main__", "__init__"],
}  # fmt: skip
RANK = {name: rank for rank, names in enumerate(STAGES.values()) for name in names}
SLOW = {
    "osmnx", "mapclassify", "matplotlib", "networkx", "folium", "numba", "geopandas", "docx", "pptx", "typst",
    "pypinyin", "openpyxl",
}  # fmt: skip


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def subject(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, *, everywhere: bool) -> set[str]:
    """Modules of the package that a file imports, at its top or everywhere; type-checking blocks left out."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = ast.walk(tree) if everywhere else iter(tree.body)
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lifecircle."):
            found.add(node.module.split(".")[1])
    return found


def test_coverage_folder_has_no_init() -> None:
    assert not (ROOT / "coverage" / "__init__.py").exists(), "it would shadow coverage.py, which numba imports"


def test_every_module_belongs_to_a_stage() -> None:
    assert {subject(path) for path in modules()} == set(RANK)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_imports_a_later_stage(path: Path) -> None:
    own = RANK[subject(path)]
    late = {name for name in imports(path, everywhere=False) if RANK[name] > own}
    assert not late


def test_only_the_result_looks_ahead_and_only_when_asked() -> None:
    ahead = {
        subject(path)
        for path in modules()
        if any(RANK[name] > RANK[subject(path)] for name in imports(path, everywhere=True))
    }
    assert ahead == {"result"}, "result.map() draws itself; nothing else may look ahead"


def test_importing_the_package_imports_nothing_slow() -> None:
    code = "import sys, lifecircle; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not SLOW & set(done.stdout.split())


def test_every_public_name_can_be_had() -> None:
    import lifecircle as lc

    for name in lc.__all__:
        assert getattr(lc, name) is not None
    assert not {name for name in lc.__all__ if (PACKAGE / f"{name}.py").exists()}, "a module would hide the name"


def test_an_unknown_name_is_told_what_there_is() -> None:
    import lifecircle as lc

    with pytest.raises(AttributeError, match=r"has no attribute 'asses'; it has .*assess"):
        _ = lc.asses


def test_constraints_hold_names_and_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    odd = [
        line
        for line in lines
        if line and not line.startswith("#") and not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.!+_-]+( ;.*)?", line)
    ]
    assert not odd


def test_no_file_names_a_registry_or_a_lock() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not {"uv.lock", "poetry.lock", "package-lock.json"} & {Path(name).name for name in listed}
    assert not any(name.startswith("coverage/__init__") for name in listed)


def test_gitignore_leaves_the_source_root_alone() -> None:
    done = subprocess.run(
        ["git", "check-ignore", "coverage/lifecircle/flow.py"], capture_output=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1, "coverage/ must not be ignored"


def test_ci_runs_the_readmes_own_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.split("## Two commands")[1].split("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)```", section, flags=re.S)
    assert len(commands) == 2
    assert "lifecircle assess data/sample" in commands[0]
    assert "tests/check.py" in commands[1]
    assert 'in_section = ($0 == "## Two commands")' in script
    assert "for n in 1 2" in script


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "data/README.md", "reports/README.md"])
def test_every_file_that_a_page_points_to_is_in_the_repository(name: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.splitlines()
    targets = re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8"))
    assert not {target for target in targets if target not in listed}


def test_the_readme_has_its_picture() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    picture = ROOT / re.findall(r"!\[[^]]*\]\(([^)]+)\)", readme)[0]
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
