"""The catalog: tables, migrations and queries over projects, images, labels, versions, runs and jobs.

Imported by everything above the store; imports no Streamlit, no torch and nothing of `review`, `gather` or `jobs`.
"""
