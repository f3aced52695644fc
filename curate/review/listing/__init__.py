"""Which images a page shows, in which order, and what stands on their cards."""
