"""What every request passes before a route answers it: hosts, origins, visitors, limits, headers and failures.

Imported by `curate.server` and the launcher.
"""
