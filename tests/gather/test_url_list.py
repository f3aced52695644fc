"""Lists of addresses: lines, CSV and Parquet, with labels and credit."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from curate import store
from curate.catalog.candidates import Found
from curate.catalog.gatherings import NewSearch, SearchRow
from curate.errors import BadInput
from curate.gather.search import SearchFailed
from curate.gather.search.url_list import MAX_ADDRESS, UrlList, lay_down, read_file, read_text


def found_in(search: NewSearch, cursor: int | None = None) -> tuple[list[Found], int, bool]:
    page = UrlList().find(SearchRow(**vars(search), cursor=cursor), lambda seconds, why: None)
    return page.found, page.cursor, page.is_last


def test_lines_are_addresses_and_blank_ones_and_remarks_are_not() -> None:
    text = "https://a.org/1.jpg?w=2\n\n  # not this\n https://b.org/2.png \n"
    assert list(read_text(text)) == [(None, Found("https://a.org/1.jpg?w=2")), (None, Found("https://b.org/2.png"))]


def test_a_csv_is_understood_by_the_names_of_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        '\ufeffImage_URL,Class,License,Author,rank\n"https://a.org/1,2.jpg",cats,CC BY 4.0,Ada,3\n,dogs,,,\n'
    )
    assert list(read_file(path)) == [
        ("cats", Found("https://a.org/1,2.jpg", {"creator": "Ada", "licence": "CC BY 4.0"}))
    ]


def test_the_line_that_tells_excel_the_separator_is_no_head(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sep=;\nurl;label\nhttps://a.org/1;cats\n")
    assert list(read_file(path)) == [("cats", Found("https://a.org/1"))]


def test_a_parquet_file_is_read_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    pd.DataFrame({"url": ["https://a.org/1", "https://a.org/2"], "label": ["cats", None]}).to_parquet(path)
    assert list(read_file(path)) == [("cats", Found("https://a.org/1")), (None, Found("https://a.org/2"))]


def test_a_text_file_of_addresses_needs_no_heads(tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    path.write_text("https://a.org/1.jpg?a,b\nhttps://a.org/2.jpg\n")
    assert [found.url for _, found in read_file(path)] == ["https://a.org/1.jpg?a,b", "https://a.org/2.jpg"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"name,label\nx,cats\n", "no column of addresses"), (b"url\n\xff\xfe\n", "letters of list.csv cannot be told"),
     (b"url,label,Label\nhttps://a.org/1,x,y\n", "more than one column `label`"),
     (b'url,label\n"https://a.org/1,x\nhttps://a.org/2,y\n', "goes over several lines"),
     (b"PAR1 and then nothing", "cannot be read as a Parquet file")],
)  # fmt: skip
def test_what_is_no_list_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=sentence):
        list(read_file(path))


def test_every_label_becomes_a_search_whose_pages_go_on_where_the_last_ended() -> None:
    def rows() -> Iterator[tuple[str | None, Found]]:
        for number in range(1_100):
            yield ("cats" if number % 11 else None), Found(f"https://a.org/{number}", {"title": f"Nr {number}"})

    searches = lay_down(rows(), "rest", "the list")
    assert [(search.label, search.n_wanted, search.options["n"]) for search in searches] == [
        ("rest", 0, 100),
        ("cats", 0, 1_000),
    ]
    first, cursor, is_last = found_in(searches[1])
    assert (len(first), is_last, first[0]) == (500, False, Found("https://a.org/1", {"title": "Nr 1"}))
    second, _, is_last = found_in(searches[1], cursor)
    assert (len(second), is_last, second[-1].url) == (500, True, "https://a.org/1099")


def test_a_row_without_any_label_is_told_and_nothing_is_left_behind() -> None:
    with pytest.raises(BadInput, match="Row 2 has no label"):
        lay_down(iter([("cats", Found("https://a.org/1")), (None, Found("https://a.org/2"))]), None, "the list")
    assert not list(store.settings.home().glob("incoming/*"))


def test_an_empty_list_and_one_that_is_gone_are_told() -> None:
    with pytest.raises(BadInput, match="no addresses in the list"):
        lay_down(iter([]), "cats", "the list")
    [search] = lay_down(iter([(None, Found("https://a.org/1"))]), "cats", "the list")
    store.remove_incoming(store.find_incoming(search.options["list"]))
    with pytest.raises(SearchFailed, match="no longer there"):
        found_in(search)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_tables_are_read_whatever_separates_their_cells(tmp_path, separator, mark):
    path = tmp_path / "list.csv"
    path.write_text(f"{mark}url{separator}label\r\nhttps://a.org/1.png{separator}cats\r\n", encoding="utf-8")
    assert [(label, found.url) for label, found in read_file(path)] == [("cats", "https://a.org/1.png")]


def test_commas_in_addresses_are_their_own_and_a_table_without_a_head_says_so(tmp_path):
    path = tmp_path / "list.txt"
    lines = ["https://a.org/Paris,_1.png", "https://a.org/it/u=1,71&fm=15&fmt=auto.png"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [found.url for _, found in read_file(path)] == lines
    path.write_text("https://a.org/1.png,cats\n", encoding="utf-8")
    with pytest.raises(BadInput, match="names no columns"):
        list(read_file(path))


def test_an_enormous_cell_is_the_trouble_of_its_row_alone(tmp_path):
    path = tmp_path / "list.csv"
    data = "data:image/jpeg;base64," + "A" * 140_000
    path.write_text(f"url,label\nhttps://a.org/1.png,cats\n{data},cats\nhttps://a.org/2.png,dogs\n", encoding="utf-8")
    read = list(read_file(path))
    assert [label for label, _ in read] == ["cats", "cats", "dogs"]
    assert max(len(found.url) for _, found in read) <= MAX_ADDRESS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8"])
def test_lists_of_excel_are_read_in_the_letters_they_were_saved_in(tmp_path, encoding):
    path = tmp_path / "list.csv"
    path.write_text("url;label\r\nhttps://a.org/1.png;Café\r\nhttps://a.org/2.png;Größe\r\n", encoding=encoding)
    assert [label for label, _ in read_file(path)] == ["Café", "Größe"]


@pytest.mark.parametrize(("encoding", "label"), [("cp1251", "кошка"), ("gb18030", "狗"), ("shift_jis", "犬")])
def test_letters_that_cannot_be_told_are_refused_instead_of_becoming_other_labels(tmp_path, encoding, label):
    path = tmp_path / "list.csv"
    path.write_text(f"url,label\nhttps://a.org/1.png,{label}\n", encoding=encoding)
    with pytest.raises(BadInput, match=r"letters of list\.csv cannot be told"):
        list(read_file(path))
