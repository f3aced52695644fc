"""Agreement: the tables of the papers and of text books, and cases worked out by hand."""

from dataclasses import astuple

import pytest
from pytest import approx

from curate.evaluation.agreement import Agreement, by_answer, cohen, fleiss

# Ten images, fourteen people, five answers: the example of Fleiss' kappa in Wikipedia, kappa 0.210.
FOURTEEN = [
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
]  # fmt: skip


def spelled_out(counts: tuple[int, ...]) -> list[int]:
    return [answer for answer, n in enumerate(counts) for _ in range(n)]


def test_two_who_agree_as_often_as_chance_have_kappa_zero() -> None:
    assert cohen([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]) == Agreement(4, 0.5, 0.0)


def test_two_who_never_agree_are_below_chance() -> None:
    assert cohen([("a", "b"), ("b", "a")]) == Agreement(2, 0.0, -1.0)


def test_two_who_only_ever_say_one_thing_agree_and_nothing_is_known_beyond_chance() -> None:
    assert cohen([("a", "a")] * 3) == Agreement(3, 1.0, None)


def test_without_images_there_is_no_agreement_to_speak_of() -> None:
    assert cohen([]) is None
    assert fleiss([["a"], []]) is None
    assert by_answer([["a"]]) == {}


def test_many_people_agree_as_in_the_published_example() -> None:
    agreement = fleiss([spelled_out(counts) for counts in FOURTEEN])
    assert agreement is not None
    assert (agreement.n, agreement.share, agreement.kappa) == (10, approx(0.378, abs=5e-4), approx(0.210, abs=5e-4))


def test_the_kappas_of_the_answers_weighted_by_how_often_they_come_make_up_the_whole() -> None:
    answers = [spelled_out(counts) for counts in FOURTEEN]
    each, whole = by_answer(answers), fleiss(answers)
    share = {answer: sum(counts[answer] for counts in FOURTEEN) / 140 for answer in range(5)}
    weight = {answer: p * (1 - p) for answer, p in share.items()}
    assert whole is not None
    total = sum(weight[answer] * each[answer].kappa for answer in range(5))
    assert total / sum(weight.values()) == approx(whole.kappa)
    assert list(each) == sorted(share, key=share.__getitem__, reverse=True)


def test_agreement_on_one_answer_by_hand() -> None:
    # Two people, four images: both cat, both dog, cat and dog, both dog. Of 3 who said cat the other did in 2 of 3.
    # cat: p = 3/8; at odds on 1 of 4 images, so 1/2/4 = 1/8 of pairs; kappa = 1 - (1/8) / (3/8 * 5/8) = 7/15
    each = by_answer([["cat", "cat"], ["dog", "dog"], ["cat", "dog"], ["dog", "dog"]])
    assert list(each) == ["dog", "cat"]
    assert astuple(each["cat"]) == approx((2, 2 / 3, 7 / 15))
    assert astuple(each["dog"]) == approx((3, 4 / 5, 7 / 15))


@pytest.mark.parametrize("n_people", [2, 3, 5])
def test_people_who_always_agree_have_kappa_one_for_every_answer(n_people: int) -> None:
    answers = [["cat"] * n_people, ["dog"] * n_people]
    assert fleiss(answers) == Agreement(2, 1.0, 1.0)
    assert all(agreement == Agreement(1, 1.0, 1.0) for agreement in by_answer(answers).values())
