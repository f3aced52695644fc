"""The SQLAlchemy tables, one module per family. Only `curate.catalog` and statements made once import them."""
