"""The catalog: tables, migrations and queries over projects, images, labels, versions, runs and jobs.

Everything above the store imports it; it imports no Streamlit, no torch and nothing of `review`, `gather` or `jobs`.
"""
