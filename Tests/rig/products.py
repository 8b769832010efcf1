"""Where the built programs are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def product(name):
    """Path of a built program. STOPGATE_BIN_DIR names the directory; without it release comes before debug."""
    directory = os.environ.get("STOPGATE_BIN_DIR")
    places = [pathlib.Path(directory)] if directory else [ROOT / ".build" / kind for kind in ("release", "debug")]
    for place in places:
        if (place / name).is_file():
            return place / name
    raise FileNotFoundError(f"{name} is not built (looked in {', '.join(map(str, places))}): run 'make build'")
