"""What people say about images: listing them, deciding, sessions of a team, and reports on both.

Imported by pages, the server, jobs and the command line; knows the catalog, `doubts` and `evaluation`.
"""
