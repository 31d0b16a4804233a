"""Lists the requirements that no passing test shows.

`python -m tools.requirements REPORT...` reads what test runs wrote (`tests/requirements_plugin.py`)
and prints, for each checklist in `docs/`, the ids without a passing test, one a line with its
text, then `shown N of M`.
"""

import argparse
import json
import re
from collections.abc import Iterable
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
CHECKLISTS = {
    "EST conformance: ": DOCS / "est-conformance.md",
    "": DOCS / "requirements.md",
}
ROW = re.compile(r"\| (?P<id>[A-Z]+(?:-[A-Z]+)*-[A-Z]?\d+) \| (?P<text>.+?) \|")


def checklist(path: Path) -> dict[str, str]:
    """Texts by id: a table row that starts with an id, then its text.

    Raises ValueError if an id stands twice.
    """
    texts: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        if row := ROW.match(line):
            if row["id"] in texts:
                raise ValueError(f"{path.name} lists {row['id']} twice")
            texts[row["id"]] = row["text"]
    return texts


def known_ids() -> frozenset[str]:
    """Every id a test may claim to show."""
    return frozenset(key for path in CHECKLISTS.values() for key in checklist(path))


def shown_ids(reports: Iterable[Path]) -> set[str]:
    """The ids with a passing test, by these reports (JSON: test names by id)."""
    return {key for path in reports for key in json.loads(path.read_text("utf-8"))}


def summary(title: str, texts: dict[str, str], shown: set[str]) -> str:
    """The ids of one checklist that are not shown, and how many are."""
    missing = [f"{key}  {text}" for key, text in texts.items() if key not in shown]
    count = len(texts) - len(missing)
    return "\n".join([*missing, f"{title}shown {count} of {len(texts)}"])


def main() -> None:
    """Print a summary of each checklist."""
    parser = argparse.ArgumentParser(prog="python -m tools.requirements")
    parser.add_argument("report", type=Path, nargs="+")
    shown = shown_ids(parser.parse_args().report)
    for title, path in CHECKLISTS.items():
        print(summary(title, checklist(path), shown))


if __name__ == "__main__":
    main()
