"""What a target tells the launcher arrives as it was."""

from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.workstation.launch import Launch, Setup, read
from workstation import birth


@given(
    arguments=st.lists(st.text()).map(tuple),
    label=st.none() | st.text(),
    max_time=st.none() | st.floats(0, 1e9),
)
def test_a_launch_is_read_as_it_was_written(arguments, label, max_time) -> None:
    setup = Setup(slots=4, cores=2, arguments=arguments, jobs="/jobs", label=label, max_time=max_time)
    launch = Launch(folder="/p", prefix="x", count=3, logs="/l", url="", birth=birth(), setup=setup)
    assert read(launch.write()) == launch
