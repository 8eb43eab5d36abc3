"""The crews of a site are counted together, each under its resource type."""

import pytest

from autopyfactory.clients.panda.crew import Crew, Post, count, read_post


def crew(site: str, kind: str, pending: int, running: int) -> Crew:
    post = Post(site=site, resource_type=kind, cores=1)
    return Crew(post=post, pending=pending, running=running, moment=0)


def test_crews_of_one_site_are_added_up_by_resource_type() -> None:
    crews = [
        crew("A", "SCORE", 1, 2),
        crew("A", "MCORE", 0, 0),
        crew("A", "SCORE", 10, 20),
        crew("B", "ANY", 5, 5),
    ]
    assert count(crews, "A") == {
        "SCORE": {"submitted": 11, "running": 22},
        "MCORE": {"submitted": 0, "running": 0},
    }


@pytest.mark.parametrize(
    ("definition", "post"),
    [
        ("", None),
        ('{"work": {"name": "x"}, "pilot": {}}', None),
        ('{"work": {"site": "A"}, "pilot": {}}', Post(site="A", resource_type="ANY", cores=1)),
        (
            '{"work": {"site": "A", "resource_types": ["SCORE", "MCORE"]}, "pilot": {"cores": 8}}',
            Post(site="A", resource_type="ANY", cores=8),
        ),
    ],
)
def test_a_post_is_read_from_the_definition(definition: str, post: Post | None) -> None:
    assert read_post(definition) == post
