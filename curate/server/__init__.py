"""The routes beside the pages: pictures, decisions, uploads, downloads, health; and the start and end of the server.

Imported by `Home.py` only; may import everything but `ui`.
"""
