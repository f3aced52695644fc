"""All tables, whoever keeps them: for what goes through the whole catalog."""

from sqlalchemy import MetaData

from curate.catalog.tables import (
    access,
    core,
    exports,
    gather,
    imported_columns,
    labels,
    quality,
    steps,
    team,
    views,
    write_back,
)

# A table is known once its module has been imported; a copy that knew only some of them would leave out the rest.
_KEEPERS = (core, access, exports, gather, imported_columns, labels, quality, steps, team, views, write_back)
METADATA: MetaData = _KEEPERS[0].Base.metadata
