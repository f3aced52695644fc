"""What jobs do: one module per kind of work, imported in the job's own process only."""
