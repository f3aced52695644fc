"""Values into text, HTML and colours, the same everywhere. Imports nothing of `ui` but itself."""
