import numpy as np
import pytest

from curate.catalog import jobs, runs
from curate.errors import BadInput
from curate.jobs import outcomes
from curate.jobs.runtime.job_process import run_job
from curate.review.reports import slice_combinations
from curate.review.reports.evaluated import find_evaluated
from curate.review.reports.imported_columns import import_columns, imported_columns
from curate.review.reports.label_groups import set_label_groups
from curate.review.reports.slices import find_run_slices, key_of, key_of_combination
from tests.factories import add_run, open_page

N = 400  # of each label and split


@pytest.fixture
def sliced(make_project):
    """(project, run): half of the held-out pictures taken at night are wrong, hardly any of the others.

    Files are named by number; every fourth was taken at night.
    """
    entries = [(label, split) for label in ("cats", "dogs") for split in ("train", "valid") for _ in range(N)]
    project = make_project(entries)
    rng, probabilities = np.random.default_rng(2), []
    for place, (label, split) in enumerate(entries):
        is_wrong = split == "valid" and rng.random() < (0.5 if place % 4 == 0 else 0.03)
        probabilities.append((0.9, 0.1) if (label == "cats") != is_wrong else (0.1, 0.9))
    return project, runs.find_run(add_run(project.id, probabilities))


def table_of(project, column: str = "light") -> bytes:
    rows = [f"photos/{place}.png,{'night' if place % 4 == 0 else 'day'}" for place in range(len(project.image_ids))]
    return "\n".join([f"file_name,{column}", *rows]).encode()


def test_an_imported_column_in_which_the_run_is_worse_is_found_and_holds(sliced):
    project, run = sliced
    assert find_run_slices(find_evaluated(run, "valid")).found.held == []
    assert import_columns(project.id, table_of(project)) == ["light"]
    found = find_run_slices(find_evaluated(run, "valid"))
    assert [(each.feature, each.value) for each in found.found.held] == [("light", "night")]
    (held,) = found.found.held
    assert held.risk.low > 5 and held.n + held.n_rest == N
    evaluated = find_evaluated(run, "valid")
    is_in = found.is_in(key_of("light", "night"))
    assert is_in is not None and is_in.sum() == N / 2
    assert set(evaluated.image_ids[is_in].tolist()) <= set(project.image_ids[::4])
    assert found.is_in("light=dusk") is None and found.is_in("nothing") is None


def test_label_groups_and_facts_of_the_pictures_are_features(sliced):
    project, run = sliced
    set_label_groups(project.id, {project.label_ids["cats"]: "pets"})
    features = find_run_slices(find_evaluated(run, "valid")).features
    assert {"Source", "Format", "Size", "Date added", "Camera"} <= set(features)
    assert features["Label group"].values == ("pets",) and features["Format"].values == ("PNG",)
    assert (features["Format"].codes == 0).all() and len(features["Size"].codes) == 2 * N


def test_a_column_that_is_nearly_a_label_is_named(sliced):
    project, run = sliced
    rows = [f"{place}.png,{'studio' if place < 2 * N else 'street'}" for place in range(4 * N)]
    import_columns(project.id, "\n".join(["file,place", *rows]).encode())
    together = find_run_slices(find_evaluated(run, "valid")).together
    assert {(pair.value, pair.label) for pair in together} == {("studio", "cats"), ("street", "dogs")}
    assert all(pair.phi == pytest.approx(1) for pair in together)


def test_the_page_lists_slices_and_shows_their_pictures(sliced):
    project, run = sliced
    import_columns(project.id, table_of(project))
    app = open_page("evaluate", project=project.id, run=run.id, panel="slices")
    button = app.button(key="slice_0")
    assert button.label.replace("\\", "").startswith("light night: ")
    button.click().run()
    assert app.query_params["slice"] == "light=night"
    texts = "\n".join(element.value for element in app.markdown)
    assert "light night: 200 pictures" in texts.replace("\\", "")


def test_the_page_says_so_where_nothing_divides_the_pictures_or_no_slice_holds(sliced):
    project, run = sliced

    def texts() -> str:
        return "\n".join(
            element.value for element in open_page("evaluate", project=project.id, run=run.id, panel="slices").markdown
        )

    assert "Nothing divides these pictures" in texts()
    rows = [f"{place}.png,{'left' if place // 4 % 2 else 'right'}" for place in range(4 * N)]
    import_columns(project.id, "\n".join(["file,side", *rows]).encode())
    assert "Nowhere is the run reliably worse than elsewhere." in texts()


def test_columns_replace_those_of_the_same_name_and_many_numbers_become_quarters(make_project):
    project = make_project([("cats", "train")] * 100)
    import_columns(project.id, table_of(project))
    rows = [f"{place}.PNG;{place};x" for place in range(100)]
    assert import_columns(project.id, "\n".join(["Path;distance;light", *rows]).encode()) == ["distance", "light"]
    columns = imported_columns(project.id)
    assert set(columns) == {"distance", "light"} and set(columns["light"].values()) == {"x"}
    assert columns["distance"]["3.png"] == "-0.001 to 24.75" and len(set(columns["distance"].values())) == 4


@pytest.mark.parametrize("data", [b"", b"file_name\na.png", b"file_name,light", b"\xff\xfe\x00a,b\n\x00"])
def test_a_file_that_is_no_table_is_refused_in_a_sentence(make_project, data: bytes):
    project = make_project([("cats", "train")])
    with pytest.raises(BadInput):
        import_columns(project.id, data)


def test_combinations_are_found_by_a_job_and_a_click_shows_their_pictures(make_project):
    entries = [(label, split) for label in ("cats", "dogs") for split in ("train", "valid") for _ in range(N)]
    project = make_project(entries)
    rng, probabilities = np.random.default_rng(4), []
    for place, (label, split) in enumerate(entries):
        is_worse = place % 4 == 0 and place % 6 < 3  # at night, and of the first camera
        is_wrong = split == "valid" and rng.random() < (0.7 if is_worse else 0.05)
        probabilities.append((0.9, 0.1) if (label == "cats") != is_wrong else (0.1, 0.9))
    run = runs.find_run(add_run(project.id, probabilities))
    import_columns(project.id, table_of(project))
    cameras = [f"{place}.png,{'first' if place % 6 < 3 else 'second'}" for place in range(len(project.image_ids))]
    import_columns(project.id, "\n".join(["file_name,camera", *cameras]).encode())
    app = open_page("evaluate", project=project.id, panel="slices")
    app.button(key="combinations").click().run()
    assert not app.exception
    (job,) = [job for job in jobs.list_jobs(project.id) if job.kind == "combinations"]
    assert "combinations" not in [button.key for button in app.button]
    run_job(job.id)
    assert outcomes.combinations_found(jobs.find_job(job.id)) == "1 combination of slices held."
    evaluated = find_evaluated(run, "valid")
    stored, is_old = slice_combinations.read(evaluated)
    (held,) = stored.held
    assert set(held.parts) == {("light", "night"), ("camera", "first")} and not is_old
    app = open_page("evaluate", project=project.id, panel="slices")
    app.button(key="combination_0").click().run()
    is_in = find_run_slices(evaluated).is_in(key_of_combination(held.parts))
    assert is_in is not None and is_in.sum() == sum(
        p % 4 == 0 and p % 6 < 3 for p, e in enumerate(entries) if e[1] == "valid"
    )
    assert f"camera first and light night: {is_in.sum()} pictures" in " ".join(
        text.value for text in app.markdown
    ).replace("\\", "")
    assert find_run_slices(evaluated).is_in("&light=dusk&camera=first") is None
