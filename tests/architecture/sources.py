"""The files that the rules of this folder look at."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    """The path from the project's folder, for messages and test ids."""
    return path.relative_to(ROOT).as_posix()
