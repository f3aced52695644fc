"""The launcher: `streamlit run Home.py`, `python Home.py` or `uvicorn Home:app`. The app itself is curate/ui/main.py.

No page lies beside the main script, so no deep link can run one past what main.py checks.
"""

from pathlib import Path

import streamlit as st

from curate.server.app import lifespan, middleware, routes
from curate.server.gates.failures import HANDLERS

MAIN = Path(__file__).parent / "curate" / "ui" / "main.py"
app = st.App(MAIN, routes=routes(), middleware=middleware(), lifespan=lifespan, exception_handlers=HANDLERS)

if __name__ == "__main__":
    app.run()
