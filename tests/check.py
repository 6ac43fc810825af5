"""Every check of the project in one command: lint, format, types, doctests and tests.

python tests/check.py [more arguments for pytest]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def steps(arguments: list[str]) -> dict[str, list[str]]:
    """Each step's name and the module that runs it."""
    return {
        "lint": ["ruff", "check", "."],
        "format": ["ruff", "format", "--check", "."],
        "types": ["mypy"],
        "doctests and tests": ["pytest", "-n", "auto", "--dist", "loadfile", *arguments],
    }


def main(arguments: list[str]) -> int:
    """Run all steps, say which failed, and return 1 if one did."""
    failed = []
    for name, command in steps(arguments).items():
        print(f"== {name}: {' '.join(command)}", flush=True)
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
