"""Known faults of the packages in lists with hashes: ``python tests/audit.py LIST...``.

Prints a line for each fault and exits with 1 if there is any. Where the service of faults cannot
be reached, or knows none of the packages, the audit is skipped, with the reason.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

SECONDS = 600


class Audit(NamedTuple):
    """What an audit of one list found."""

    faults: list[str]
    checked: int
    skipped: str | None
    """Why nothing was checked."""


def main(lists: list[str]) -> int:
    """Audit each list and print what was found."""
    code, lines = 0, []
    for path in lists:
        found = audit(Path(path))
        if found.skipped is not None:
            lines.append(f"{path}: audit skipped: {found.skipped}")
            continue
        count = f"{found.checked} packages, {len(found.faults)} known faults"
        lines += [*found.faults, f"{path}: {count}"]
        code |= bool(found.faults)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return code


def audit(path: Path) -> Audit:
    """Ask the service of faults about the packages of a list."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--requirement", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Audit([], 0, f"no answer within {SECONDS} seconds")
    return read_report(done.stdout, done.stderr)


def read_report(report: str, told: str) -> Audit:
    """Read the report of pip-audit.

    Example:
        >>> read_report("", "ConnectionError: no network").skipped
        'ConnectionError: no network'
    """
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = told.strip().splitlines()
        return Audit([], 0, lines[-1] if lines else "pip-audit gave no report")
    checked = [each for each in packages if "skip_reason" not in each]
    if not checked:
        return Audit([], 0, "the service knows none of the packages; is there a network?")
    faults = [
        f"{each['name']} {each['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version'}"
        for each in checked
        for fault in each["vulns"]
    ]
    return Audit(faults, len(checked), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
