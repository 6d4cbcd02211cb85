"""What the packaging scripts know of the project: everything comes from Cargo.toml and CHANGELOG.md."""

import os
import re
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

# The same bytes on every system.
sys.stdout.reconfigure(encoding="utf-8", newline="\n")

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text("utf-8"))["package"]
NAME, VERSION = PACKAGE["name"], PACKAGE["version"]

# The systems that get an archive, and its suffix. release.yml builds these; install.sh and the manifests name them.
TARGETS = {
    "x86_64-unknown-linux-gnu": ".tar.gz",
    "aarch64-unknown-linux-gnu": ".tar.gz",
    "x86_64-unknown-linux-musl": ".tar.gz",
    "aarch64-unknown-linux-musl": ".tar.gz",
    "universal-apple-darwin": ".tar.gz",
    "x86_64-pc-windows-msvc": ".zip",
}
# The bundle for assistants, which has the program for several systems.
BUNDLE = f"{NAME}.mcpb"


def archive_name(target: str) -> str:
    return f"{NAME}-{target}{TARGETS[target]}"


def changes(version: str = VERSION) -> tuple[str, str]:
    """Returns the date and the text of a version's section in CHANGELOG.md."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(
        rf"^## {re.escape(version)} - (\d{{4}}-\d\d-\d\d)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    if not found or not found[2].strip():
        fail(f"CHANGELOG.md has no section `## {version} - YYYY-MM-DD`.")
    return found[1], found[2].strip() + "\n"


def source_date() -> int:
    """Returns the time that every generated file carries: SOURCE_DATE_EPOCH, else that of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    done = subprocess.run(
        ["git", "-C", ROOT, "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    if done.returncode == 0 and done.stdout.strip():
        return int(done.stdout)
    return int(time.mktime(time.strptime(changes()[0], "%Y-%m-%d")))


def write_zip(path: Path, entries: dict[str, tuple[bytes, int]]) -> None:
    """Writes a zip of {name: (content, mode)}. The same entries give the same bytes."""
    # A zip holds no time before 1980.
    stamp = time.gmtime(max(source_date(), 315532800))[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, (content, mode) in sorted(entries.items()):
            info = zipfile.ZipInfo(name, stamp)
            # Unix, whichever system packs it.
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, zipfile.ZIP_DEFLATED
            packed.writestr(info, content)


def fail(message: str) -> None:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)
