"""The API under /api/v1: for programs, with tokens. One table of operations makes routes, checks and documentation."""
