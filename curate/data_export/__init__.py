"""A version's pictures and labels as data sets that other tools open: streamed, however many they are."""
