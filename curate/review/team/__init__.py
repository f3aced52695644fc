"""Review sessions of several people: batches, opinions, second opinions, notes and who did what."""
