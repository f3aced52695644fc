"""The address of a page: what can be read of it, and a widget that stands in it."""

from streamlit.testing.v1 import AppTest


def _script() -> None:
    import streamlit as st

    from curate.ui.shell import query_params

    options = {3: "three", 4: "four"}
    chosen = query_params.read_option("n", options, 3)
    st.selectbox(
        "N", list(options), format_func=options.__getitem__, key="n_field",
        on_change=query_params.bind("n_field", "n", chosen, clears=("page",)),
    )  # fmt: skip
    st.text(f"{query_params.read_number('page')} {query_params.read_text('word', 'none')}")


def open_script(**query: str) -> AppTest:
    app = AppTest.from_function(_script)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_a_bound_widget_shows_the_address_and_puts_its_choice_there_without_what_it_clears() -> None:
    app = open_script(n="4", page="7", word="kept")
    assert (app.selectbox[0].value, app.text[0].value) == (4, "7 kept")
    app.selectbox[0].select(3).run()
    assert (app.query_params["n"], "page" in app.query_params, app.query_params["word"]) == ("3", False, "kept")


def test_what_is_no_option_or_no_number_counts_as_not_given() -> None:
    app = open_script(n="5", page="-7")
    assert (app.selectbox[0].value, app.text[0].value) == (3, "None none")
