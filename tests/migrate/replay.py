"""Run small programs as tests/legacy/transcribe.py does, with nothing of Python 2 installed for them.

python replay.py MODULE < programs.json > transcripts.json
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "legacy"))

import transcribe  # type: ignore[import-not-found]

transcribe.load = lambda module: None
transcribe.main()
