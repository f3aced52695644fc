"""Was the cleaning worth it: repeated trainings, the ledger of decisions, what changed the accuracy, the report."""
