"""Wiring: names and numbers of what is passed on in a network."""

from kmagic import Input, Model
from kmagic.layers import Add, Dense
from kmagic.models.wiring import Wiring


def wiring(inputs: object, outputs: object) -> Wiring:
    network = Model(inputs, outputs)._network
    assert network is not None
    return Wiring(network)


def test_shared_layers_are_one_member_with_several_calls() -> None:
    a, b, shared = Input((3,), name="a"), Input((3,), name="b"), Dense(3, name="shared")
    made = wiring([a, b], Add(name="sum")([shared(a), shared(shared(b))]))
    members = {member.name: member for member in made.members}
    assert [str(value) for value in made.taken(members["shared"])] == ["a[0][0]", "b[0][0]", "shared[1][0]"]
    assert [str(value) for value in made.taken(members["sum"])] == ["shared[0][0]", "shared[2][0]"]
    assert not made.is_chain


def test_operations_have_names_that_no_layer_has() -> None:
    a = Input((3,), name="a")
    made = wiring(a, Add(name="add")([a + 1, a + a]) + a)
    assert [member.name for member in made.shown] == ["a", "add_1", "add_2", "add", "add_3"]
    operation = made.shown[1]
    assert (
        operation.node is not None
        and operation.node.name == "add"
        and [str(value) for value in made.taken(operation)] == ["a[0][0]"]
    )


def test_chains() -> None:
    a = Input((3,))
    assert wiring(a, Dense(1)(Dense(2)(a))).is_chain
    assert not wiring(a, [Dense(1)(a), Dense(2)(a)]).is_chain
    layer = Dense(3)
    assert not wiring(a, layer(layer(a))).is_chain
