"""The pictures that a visitor puts before a model: kept in a folder of the session, with what runs say of them."""
