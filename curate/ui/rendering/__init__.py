"""Values as text, HTML and colours, the same everywhere. It imports nothing of `ui` but itself."""
