"""The app's script: the frame, and in it the page that the URL names. Home.py starts it."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:  # Streamlit puts this file's folder there, not the project's
    sys.path.insert(0, ROOT)

from curate.ui.shell import frame, identity  # noqa: E402

here = frame.prepare()
identity.require()
frame.show_sidebar(here)
here.run()
