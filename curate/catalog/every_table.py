"""All tables, whoever keeps them: for what goes through the whole catalog."""

from sqlalchemy import MetaData

from curate.catalog import (
    gather_models,
    models,
    quality_models,
    step_models,
    team_models,
    view_models,
    write_back_models,
)

# A table is known once its module has been imported; a copy that knew only some of them would leave out the rest.
_KEEPERS = (models, gather_models, quality_models, step_models, team_models, view_models, write_back_models)
METADATA: MetaData = _KEEPERS[0].Base.metadata
