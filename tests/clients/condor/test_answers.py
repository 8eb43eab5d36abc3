"""Answers of the child are counts by queue and identifiers of jobs."""

from autopyfactory.clients.condor.answers import by_queue, identifiers


def test_rows_of_a_queue_and_state_add_up_and_every_start_counts() -> None:
    rows = [["A", 1, 2], ["A", 1, 3], ["A", 2, 1], ["B", 5, 4]]
    counts, starts = by_queue({"rows": rows, "starts": [["A", 7.0, 2], ["A", 8.0, 1]]})
    assert counts == {"A": {1: 5, 2: 1}, "B": {5: 4}}
    assert starts == {"A": [7.0, 7.0, 8.0]}


def test_a_queue_that_the_answer_does_not_name_has_nothing() -> None:
    counts, starts = by_queue({"rows": [], "starts": []})
    assert (counts["A"], starts["A"]) == ({}, [])


def test_jobs_are_numbered_from_the_first_of_their_cluster() -> None:
    assert identifiers({"cluster": 12, "first": 3, "count": 2}) == ["12.3", "12.4"]
